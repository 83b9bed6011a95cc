package io.flowmeter.cli.query;

import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.ReadOnlyQuery;
import io.flowmeter.sql.RefusedQueryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** A query's answer as text, copied as ClickHouse writes it: a line a row, tabs between values. */
public final class TextAnswer {
  /** The server has limits of its own, and who asks has Ctrl-C. */
  private static final Duration ANY_TIME = Duration.ZERO;

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
    copy(server, sql, values, names, ANY_TIME, out);
  }

  /**
   * The answer to a query without parameters, in memory.
   *
   * @param patience for the answer to begin, and for each part of it to follow
   * @throws QueryException with the server's message where it refuses the query
   * @throws IOException where the server cannot be reached, or takes longer
   */
  public static String within(Duration patience, ClickHouseEndpoint server, String sql)
      throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    copy(server, sql, Map.of(), false, patience, answer);
    return answer.toString(StandardCharsets.UTF_8);
  }

  private static void copy(
      ClickHouseEndpoint server,
      String sql,
      Map<String, String> values,
      boolean names,
      Duration patience,
      OutputStream out)
      throws IOException {
    String format = names ? "TabSeparatedWithNames" : "TabSeparated";
    ReadOnlyQuery query =
        new ReadOnlyQuery(server, Map.of("default_format", format), patience).with(values);
    try (InputStream answer = query.ask(sql)) {
      answer.transferTo(out);
    } catch (RefusedQueryException e) {
      throw new QueryException(e.getMessage(), e);
    }
    out.flush();
  }
}
