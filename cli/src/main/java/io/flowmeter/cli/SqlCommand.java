package io.flowmeter.cli;

import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.query.AnswerFormat;
import io.flowmeter.cli.query.AnswerTable;
import io.flowmeter.cli.query.QueryLibrary;
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
    description = {
      "Run SQL or a ready-made query as the read-only user.",
      "Prints a table on a terminal, and tab-separated rows to a file or a pipe."
    },
    footer = {
      "",
      "Queries the server that is configured, else that of a running `up`, else starts ClickHouse",
      "alone and stops it afterwards.",
      "More formats: end the query with FORMAT PrettyCompact, CSVWithNames, …",
      "",
      "  flowmeter sql --list",
      "  flowmeter sql version_regressions",
      "  flowmeter sql mttr --param workflow=order-fulfilment --param at_least=3",
      "  flowmeter sql \"SELECT status, count() FROM instances GROUP BY status\"",
      "  flowmeter sql --param \"name=it's\" \"SELECT count() FROM instances WHERE workflow = {name:String}\"",
      "  flowmeter sql --names < query.sql"
    },
    mixinStandardHelpOptions = true)
final class SqlCommand implements Callable<Integer> {
  /** Whether standard input is a terminal; the start script finds out. */
  static final String KEYBOARD = "flowmeter.keyboard";

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--format",
      completionCandidates = AnswerFormat.Names.class,
      description =
          "${COMPLETION-CANDIDATES}; json is an object per row (default: table on a terminal, else tsv).")
  private Optional<String> format = Optional.empty();

  @Option(
      names = "--names",
      description =
          "Print the columns' names before tab-separated rows, as ready queries always do.")
  private boolean names;

  @Option(
      names = "--list",
      description = "List the ready queries with their questions and parameters.")
  private boolean list;

  @Option(
      names = "--show",
      description = "Print the text of the ready query instead of running it, to start from.")
  private boolean show;

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description =
          "A parameter of the ready query, or a value for {NAME:Type} in the SQL, without quotes. May be repeated.")
  private Map<String, String> values = Map.of();

  @Parameters(
      arity = "0..1",
      paramLabel = "QUERY",
      completionCandidates = QueryLibrary.Names.class,
      description =
          "SQL, or a ready query's name. As -, SQL is read from standard input; without it, too, if that is no terminal.")
  private Optional<String> query = Optional.empty();

  private final Invocation invocation;

  SqlCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException {
    Console console = invocation.console();
    AnswerFormat chosen =
        format
            .map(AnswerFormat::named)
            .orElse(console.rewrites() ? AnswerFormat.TABLE : AnswerFormat.TSV);
    if (list || (query.isEmpty() && Boolean.getBoolean(KEYBOARD))) {
      console.onProgress(QueryLibrary.list());
      return 0;
    }
    String sql = query.filter(text -> !text.equals("-")).orElseGet(SqlCommand::standardInput);
    if (sql.isBlank()) {
      throw new SettingsException("expected a query, as an argument or on standard input");
    }
    boolean ready = QueryLibrary.isName(sql);
    if (ready) {
      sql = QueryLibrary.sql(QueryLibrary.named(sql), values.keySet());
    }
    if (show) {
      console.onProgress(sql);
      return 0;
    }
    OutputStream out =
        new BufferedOutputStream(new AnswerOutput(new FileOutputStream(FileDescriptor.out)));
    AnswerTable table = new AnswerTable(console.columns(), console.colours());
    try (QueryServer server = QueryServer.open(options.read(invocation))) {
      TextAnswer.print(server.endpoint(), sql, values, chosen, names || ready, table, out)
          .ifPresent(SqlCommand::printCount);
      return 0;
    } catch (AnswerOutput.ClosedException e) {
      // The process that reads has enough, such as head.
      return 0;
    } catch (AnswerOutput.FailedException e) {
      throw new CommandException("the result could not be written: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandException("ClickHouse could not be asked: " + e, e);
    }
  }

  /** Beside the rows, not among them. */
  private static void printCount(long rows) {
    System.err.printf("%,d %s%n", rows, rows == 1 ? "row" : "rows");
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandException("expected a query on standard input, but: " + e, e);
    }
  }
}
