package io.flowmeter.cli;

import io.flowmeter.cli.query.Library;
import io.flowmeter.cli.query.QueryServer;
import io.flowmeter.cli.query.TextAnswer;
import io.flowmeter.cli.settings.SettingsException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flowmeter sql}. */
@Command(
    name = "sql",
    description =
        "Ask the relations, or a ready query by its name, read-only; answers with tab-separated lines.",
    footer = {
      "",
      "Asks the server that is configured, else that of a running `up`, else starts ClickHouse alone",
      "and stops it afterwards.",
      "Another format: end the query with FORMAT PrettyCompact, JSONEachRow, CSVWithNames, …",
      "",
      "  flowmeter sql --list",
      "  flowmeter sql version_regressions",
      "  flowmeter sql \"SELECT status, count() FROM instances GROUP BY status\"",
      "  flowmeter sql --param \"name=it's\" \"SELECT count() FROM instances WHERE workflow = {name:String}\"",
      "  flowmeter sql --names < query.sql"
    },
    mixinStandardHelpOptions = true)
final class SqlCommand implements Callable<Integer> {
  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--names",
      description = "Tell the columns' names in the first line, as ready queries always do.")
  private boolean names;

  @Option(names = "--list", description = "List the ready queries with their questions.")
  private boolean list;

  @Option(
      names = "--show",
      description = "Print the text of the ready query instead of asking it, to start from.")
  private boolean show;

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description =
          "A value for {NAME:Type} in the query, as it is: nothing in it needs to be quoted. May be repeated.")
  private Map<String, String> values = Map.of();

  @Parameters(
      arity = "0..1",
      paramLabel = "QUERY",
      description =
          "SQL, or a ready query's name; without it, or as -, SQL is read from standard input.")
  private Optional<String> query = Optional.empty();

  private final Invocation invocation;

  SqlCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (list) {
      invocation.console().say(Library.list());
      return 0;
    }
    String sql = query.filter(text -> !text.equals("-")).orElseGet(SqlCommand::standardInput);
    if (sql.isBlank()) {
      throw new SettingsException("expected a query, as an argument or on standard input");
    }
    boolean ready = Library.isName(sql);
    if (ready) {
      sql = Library.named(sql).sql();
    }
    if (show) {
      invocation.console().say(sql);
      return 0;
    }
    OutputStream out =
        new BufferedOutputStream(new AnswerOutput(new FileOutputStream(FileDescriptor.out)));
    try (QueryServer server = QueryServer.open(options.read(invocation))) {
      TextAnswer.copy(server.endpoint(), sql, values, names || ready, out);
      return 0;
    } catch (AnswerOutput.ClosedException e) {
      // As whoever reads wishes it, such as head.
      return 0;
    } catch (AnswerOutput.FailedException e) {
      throw new CommandException("the answer could not be written: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandException("ClickHouse could not be asked: " + e, e);
    }
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandException("expected a query on standard input, but: " + e, e);
    }
  }
}
