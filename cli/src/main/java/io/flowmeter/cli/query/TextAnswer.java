package io.flowmeter.cli.query;

import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.ReadOnlyQuery;
import io.flowmeter.sql.RefusedQueryException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;

/** A query's answer as text, copied as ClickHouse writes it: a line a row, tabs between values. */
public final class TextAnswer {

  private TextAnswer() {}

  /** Copies the answer to a query without parameters. */
  public static void copy(ClickHouseEndpoint server, String sql, boolean names, OutputStream out)
      throws IOException {
    copy(server, sql, Map.of(), names, out);
  }

  /**
   * Copies the answer.
   *
   * @param values of the query's parameters, by name
   * @param names whether the first line tells the columns' names
   * @throws QueryException with the server's message where it refuses the query
   * @throws IOException where the server cannot be reached, or the output not be written
   */
  public static void copy(
      ClickHouseEndpoint server,
      String sql,
      Map<String, String> values,
      boolean names,
      OutputStream out)
      throws IOException {
    String format = names ? "TabSeparatedWithNames" : "TabSeparated";
    ReadOnlyQuery query =
        new ReadOnlyQuery(server, Map.of("default_format", format), Duration.ZERO).with(values);
    try (InputStream answer = query.ask(sql)) {
      answer.transferTo(out);
    } catch (RefusedQueryException e) {
      throw new QueryException(e.getMessage(), e);
    }
    out.flush();
  }
}
