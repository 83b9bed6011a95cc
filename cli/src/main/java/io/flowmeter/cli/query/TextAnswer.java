package io.flowmeter.cli.query;

import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.ReadOnlyQuery;
import io.flowmeter.sql.RefusedQueryException;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;

/** A query's result as text: copied as ClickHouse writes it, or printed as a table. */
public final class TextAnswer {
  /** The server has limits of its own, and who asks has Ctrl-C. */
  private static final Duration ANY_TIME = Duration.ZERO;

  private static final String WITH_NAMES = "TabSeparatedWithNames";

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

  /**
   * Prints the result as {@code flowmeter sql} does. A FORMAT clause in the SQL decides on the
   * format before all else, and its rows are copied as they are.
   *
   * @param values of the query's parameters, by name
   * @param names whether tab-separated lines begin with one of the columns' names
   * @param table prints the rows if they are requested as a table
   * @return the number of rows if they were printed as a table
   * @throws QueryException with the server's message if it refuses the query
   * @throws IOException if the server cannot be reached, or the output not be written
   */
  public static OptionalLong print(
      ClickHouseEndpoint server,
      String sql,
      Map<String, String> values,
      AnswerFormat format,
      boolean names,
      AnswerTable table,
      OutputStream out)
      throws IOException {
    String requested = format == AnswerFormat.TSV && names ? WITH_NAMES : format.clickHouse();
    try (ReadOnlyQuery.Result result = open(server, sql, values, requested, ANY_TIME)) {
      if (format != AnswerFormat.TABLE
          || !result.format().equals(AnswerFormat.TABLE.clickHouse())) {
        result.body().transferTo(out);
        out.flush();
        return OptionalLong.empty();
      }
      return OptionalLong.of(
          table.print(
              new BufferedReader(new InputStreamReader(result.body(), StandardCharsets.UTF_8)),
              new OutputStreamWriter(out, StandardCharsets.UTF_8)));
    }
  }

  private static void copy(
      ClickHouseEndpoint server,
      String sql,
      Map<String, String> values,
      boolean names,
      Duration patience,
      OutputStream out)
      throws IOException {
    String format = names ? WITH_NAMES : AnswerFormat.TSV.clickHouse();
    try (ReadOnlyQuery.Result result = open(server, sql, values, format, patience)) {
      result.body().transferTo(out);
    }
    out.flush();
  }

  private static ReadOnlyQuery.Result open(
      ClickHouseEndpoint server,
      String sql,
      Map<String, String> values,
      String format,
      Duration patience)
      throws IOException {
    try {
      return new ReadOnlyQuery(server, Map.of("default_format", format), patience)
          .with(values)
          .execute(sql);
    } catch (RefusedQueryException e) {
      throw new QueryException(e.getMessage(), e);
    }
  }
}
