package io.flowmeter.cli;

import io.flowmeter.cli.query.QueryServer;
import io.flowmeter.cli.query.ReadOnlyQuery;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flowmeter sql}. */
@Command(
    name = "sql",
    description = "Ask the relations, read-only; answers with tab-separated lines.",
    footer = {
      "",
      "Asks the server of a running `up`, else starts ClickHouse alone and stops it afterwards.",
      "Another format: end the query with FORMAT PrettyCompact, JSONEachRow, CSVWithNames, …",
      "",
      "  flowmeter sql \"SELECT status, count() FROM instances GROUP BY status\"",
      "  flowmeter sql --names < query.sql"
    },
    mixinStandardHelpOptions = true)
final class SqlCommand implements Callable<Integer> {
  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(names = "--names", description = "Tell the columns' names in the first line.")
  private boolean names;

  @Parameters(
      arity = "0..1",
      paramLabel = "QUERY",
      description = "The query; without it, or as -, it is read from standard input.")
  private Optional<String> query = Optional.empty();

  private final Invocation invocation;

  SqlCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() throws InterruptedException {
    String sql = query.filter(text -> !text.equals("-")).orElseGet(SqlCommand::standardInput);
    if (sql.isBlank()) {
      throw new CommandException("expected a query, as an argument or on standard input");
    }
    OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    try (QueryServer server = QueryServer.open(options.read(invocation))) {
      ReadOnlyQuery.run(server.endpoint(), sql, names, out);
      return 0;
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
