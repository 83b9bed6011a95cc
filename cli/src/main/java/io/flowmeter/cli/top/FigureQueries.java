package io.flowmeter.cli.top;

import io.flowmeter.cli.query.TabSeparated;
import io.flowmeter.cli.query.TextAnswer;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.Metric;
import io.flowmeter.sql.SqlScript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Asks ClickHouse for {@link Figures}, read-only. */
public final class FigureQueries {
  /** As long as a large range may take; who is silent for longer is told of as away. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ClickHouseEndpoint server;
  private final Duration range;

  /**
   * @param server as the read-only user
   * @param range how far back from now, in whole seconds
   */
  public FigureQueries(ClickHouseEndpoint server, Duration range) {
    this.server = server;
    this.range = range;
  }

  /**
   * Asks anew.
   *
   * @throws io.flowmeter.cli.query.QueryException where the server refuses a query
   * @throws IOException where the server cannot be reached, or is silent
   */
  Figures read() throws IOException {
    return new Figures(
        rows("workflows").map(FigureQueries::workflow).toList(),
        rows("steps").map(FigureQueries::step).toList(),
        rows("errors").map(FigureQueries::failure).toList());
  }

  private static Figures.Workflow workflow(List<String> row) {
    return new Figures.Workflow(
        row.get(0),
        row.get(1),
        whole(row.get(2)),
        whole(row.get(3)),
        whole(row.get(4)),
        whole(row.get(5)),
        Double.parseDouble(row.get(6)),
        number(row.get(7)),
        number(row.get(8)),
        number(row.get(9)),
        whole(row.get(10)),
        whole(row.get(11)),
        whole(row.get(12)),
        time(row.get(13)));
  }

  private static Figures.Step step(List<String> row) {
    return new Figures.Step(
        row.get(0),
        row.get(1),
        whole(row.get(2)),
        whole(row.get(3)),
        whole(row.get(4)),
        number(row.get(5)),
        number(row.get(6)),
        whole(row.get(7)));
  }

  private static Figures.Failure failure(List<String> row) {
    return new Figures.Failure(
        time(row.get(0)), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5), row.get(6));
  }

  private static long whole(String text) {
    return Long.parseLong(text);
  }

  private static OptionalDouble number(String text) {
    return text.equals(TabSeparated.NULL)
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(text));
  }

  private static Instant time(String epochMillis) {
    return Instant.ofEpochMilli(Long.parseLong(epochMillis));
  }

  private Stream<List<String>> rows(String name) throws IOException {
    String sql =
        query(name).with(Map.of("seconds", Long.toString(range.toSeconds()))).statements().get(0);
    return TabSeparated.rows(TextAnswer.within(PATIENCE, server, sql));
  }

  private static SqlScript query(String name) {
    try (InputStream in = FigureQueries.class.getResourceAsStream(name + ".sql")) {
      if (in == null) {
        throw new IllegalStateException("The query " + name + " is missing from this build");
      }
      return new SqlScript(Metric.fill(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the query " + name, e);
    }
  }
}
