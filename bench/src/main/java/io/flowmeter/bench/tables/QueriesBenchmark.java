package io.flowmeter.bench.tables;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Asks the ready queries and what the dashboards ask, over a generated month.
 *
 * @param stepRuns how many step runs the month has
 * @param rounds that each question is asked, after a first time
 * @param ranges how many of the ranges of 1 hour, 24 hours, 7 and 30 days are asked over, shortest
 *     first
 * @param kept where the month is kept once it is made, if anywhere
 */
public record QueriesBenchmark(long stepRuns, int rounds, int ranges, Optional<Path> kept) {
  /** As many as there are. */
  public static final int ALL_RANGES = TimedQuery.RANGES;

  private static final Duration MONTH = Duration.ofDays(30);

  /** Panels and ready queries that take longer are named: what p95 should be at most. */
  private static final double AIM_MILLIS = 250;

  private static final String UNCACHED =
      "\nSETTINGS use_query_cache = 0, use_query_condition_cache = 0";

  /** Past the system's cache of files. */
  private static final String FROM_DISK = ", min_bytes_to_use_direct_io = 1";

  /** Milliseconds; infinite where the server refused. */
  private record Answer(TimedQuery query, double first, double warm, double processor) {}

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %.1f million step runs over 30 days: 50 workflows of 20 steps, UUIDs, log-normal durations, 5 %% retried,
        2 %% failed with messages of their own, in all tables of the embedded ClickHouse, merged. Asked over JDBC as
        the read-only user, all rows read.
        library: every ready query as it is written, and those that look back over one range also over others; panels:
        every panel of every dashboard, for one workflow and its step and for all that its page can show at once, with as many points
        as a chart has;
        rollups, facts: two answers, from rollups and from the facts.
        h1, h24, d7, d30: the range, up to the end of the month, however long ago that is. first: the first time, read from disk past the system's cache of files (indexes may be
        in memory already, since other questions needed them); warm: the median of %d more. Query caches are off. processor: of ClickHouse, for
        each of these, which does not depend on what else the machine does. p50, p95: over the questions.
        quantile_error: largest relative error of a quantile from buckets, of 1,000 steps over most of a day.""",
        stepRuns / 1e6,
        rounds);
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) {
    try (GeneratedMonth.Made month = new GeneratedMonth(stepRuns, MONTH).made(kept, progress);
        Connection reading = month.servers().reader().connect();
        Statement asks = reading.createStatement()) {
      List<Answer> answers = new ArrayList<>();
      for (TimedQuery query : TimedQuery.all(ranges, month.end(), shown(month.end(), asks))) {
        progress.accept("asking " + query.name() + " over " + query.range());
        answers.add(time(query, asks, month.servers()));
      }
      List<Figure> figures = figures(answers);
      figures.addAll(quantileError(month.end(), asks));
      return figures;
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("the queries could not be asked: " + e.getMessage(), e);
    }
  }

  /** A step that is retried, of the last run of it that ended. */
  private static TimedQuery.Shown shown(Instant end, Statement asks) throws SQLException {
    try (ResultSet row =
        asks.executeQuery(
            TimedQuery.asOf(
                end,
                """
                SELECT account_id, workflow, step, instance_id, toString(run) AS run
                FROM step_runs
                WHERE type = 'step' AND retries > 0 AND ended_at >= now() - INTERVAL 1 HOUR
                ORDER BY ended_at DESC LIMIT 1"""))) {
      if (!row.next()) {
        throw new BenchmarkException(
            "expected a step that was retried in the month's last hour, found none");
      }
      return new TimedQuery.Shown(
          row.getString("account_id"),
          row.getString("workflow"),
          row.getString("step"),
          row.getString("instance_id"),
          row.getString("run"));
    }
  }

  private Answer time(TimedQuery query, Statement asks, RealServers servers) {
    double first = timed(query, asks, FROM_DISK);
    double[] warm = new double[rounds];
    long processor = servers.clickHouseProcessorNanos();
    for (int round = 0; round < rounds; round++) {
      warm[round] = Double.isInfinite(first) ? first : timed(query, asks, "");
    }
    processor = servers.clickHouseProcessorNanos() - processor;
    return new Answer(query, first, quantile(warm, 0.5), processor / 1e6 / rounds);
  }

  private static double timed(TimedQuery query, Statement asks, String setting) {
    long startNanos = System.nanoTime();
    try (ResultSet rows = asks.executeQuery(query.sql() + UNCACHED + setting)) {
      while (rows.next()) {
        rows.getObject(1);
      }
    } catch (SQLException e) {
      return Double.POSITIVE_INFINITY;
    }
    return (System.nanoTime() - startNanos) / 1e6;
  }

  private static List<Figure> quantileError(Instant end, Statement asks) throws SQLException {
    List<Figure> figures = new ArrayList<>();
    String sql =
        TimedQuery.asOf(end, GeneratedMonth.read("quantile_error.sql").statements().get(0));
    try (ResultSet row = asks.executeQuery(sql)) {
      row.next();
      for (String of : List.of("p50", "p95", "p99")) {
        figures.add(new Figure("queries.quantile_error." + of, row.getDouble(of), "ratio"));
      }
    }
    return figures;
  }

  private static List<Figure> figures(List<Answer> answers) {
    Map<String, List<Answer>> groups = new LinkedHashMap<>();
    for (Answer answer : answers) {
      TimedQuery query = answer.query();
      groups
          .computeIfAbsent(
              "queries." + query.group().name().toLowerCase(Locale.ROOT) + "." + query.range(),
              name -> new ArrayList<>())
          .add(answer);
    }
    List<Figure> figures = new ArrayList<>();
    groups.forEach(
        (name, of) -> {
          figures.add(new Figure(name + ".questions", of.size(), "n"));
          figures.add(new Figure(name + ".first.p50", over(of, Answer::first, 0.5), "ms"));
          figures.add(new Figure(name + ".first.p95", over(of, Answer::first, 0.95), "ms"));
          figures.add(new Figure(name + ".warm.p50", over(of, Answer::warm, 0.5), "ms"));
          figures.add(new Figure(name + ".warm.p95", over(of, Answer::warm, 0.95), "ms"));
          figures.add(new Figure(name + ".processor.p50", over(of, Answer::processor, 0.5), "ms"));
          figures.add(new Figure(name + ".processor.p95", over(of, Answer::processor, 0.95), "ms"));
        });
    figures.addAll(besideFacts(answers));
    answers.stream()
        .filter(
            answer ->
                answer.query().group() != TimedQuery.Group.FACTS
                    && answer.query().group() != TimedQuery.Group.ROLLUPS
                    && answer.warm() > AIM_MILLIS)
        .sorted(Comparator.comparingDouble(Answer::warm).reversed())
        .forEach(
            answer -> {
              String name =
                  "queries.over_aim." + answer.query().name() + "." + answer.query().range();
              figures.add(new Figure(name, finite(answer.warm()), "ms"));
              figures.add(new Figure(name + ".processor", answer.processor(), "ms"));
            });
    figures.add(
        new Figure(
            "queries.refused",
            answers.stream().filter(answer -> Double.isInfinite(answer.first())).count(),
            "n"));
    return figures;
  }

  /** The time of an answer from facts, as a multiple of the same one's from rollups. */
  private static List<Figure> besideFacts(List<Answer> answers) {
    List<Figure> figures = new ArrayList<>();
    for (Answer slow : answers) {
      TimedQuery query = slow.query();
      if (query.group() == TimedQuery.Group.FACTS) {
        Optional<Answer> same =
            answers.stream()
                .filter(
                    each ->
                        each.query().group() == TimedQuery.Group.ROLLUPS
                            && each.query().name().equals(query.name())
                            && each.query().range().equals(query.range()))
                .findFirst();
        same.ifPresent(
            fast ->
                figures.add(
                    new Figure(
                        "queries.facts_over_rollups." + query.name() + "." + query.range(),
                        finite(slow.warm() / fast.warm()),
                        "ratio")));
      }
    }
    return figures;
  }

  private static double over(List<Answer> answers, ToDoubleFunction<Answer> time, double q) {
    return finite(quantile(answers.stream().mapToDouble(time).toArray(), q));
  }

  /** What no number tells is told as none. */
  private static double finite(double value) {
    return Double.isInfinite(value) ? Double.NaN : value;
  }

  /** The smallest value that at least a share q of them do not exceed. */
  private static double quantile(double[] values, double q) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)];
  }
}
