package io.flowmeter.verify;

import io.flowmeter.simulator.ledger.ServedCounts;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds {@code status_counts} and {@code status_counts_now} of a workflow against the runs that are
 * due and the counts that answers reported.
 */
final class Counts {

  private static final long MINUTE_MS = 60_000;

  private final String account;
  private final String workflow;
  private final List<ServedCounts> served;
  private final TimeTolerance tolerance;
  private final Comparison comparison;

  /**
   * @param served the counts that answers reported, in order
   */
  Counts(
      String account,
      String workflow,
      List<ServedCounts> served,
      TimeTolerance tolerance,
      Comparison comparison) {
    this.account = account;
    this.workflow = workflow;
    this.served = served;
    this.tolerance = tolerance;
    this.comparison = comparison;
  }

  /**
   * Now nothing moves: what is counted is known exactly, what was reported last too, and where the
   * status is live both are the same.
   *
   * @param known rows with the number of due runs by status
   */
  void now(List<Row> known, List<Row> found) {
    Map<List<Object>, Row> expected = new HashMap<>();
    for (Row row : known) {
      expected.put(row.key(Relation.STATUS_COUNTS_NOW), row);
    }
    if (!served.isEmpty()) {
      served
          .get(served.size() - 1)
          .counts()
          .forEach(
              (status, reported) ->
                  expected
                      .computeIfAbsent(
                          List.of(account, workflow, status.apiName()), key -> row(status))
                      .with("reported", reported)
                      .with("drift", status.isTerminal() ? null : Long.valueOf(0)));
    }
    List<Row> told =
        found.stream()
            .filter(row -> row.number("count") != 0 || expected.containsKey(key(row)))
            .toList();
    comparison.add(Relation.STATUS_COUNTS_NOW, List.copyOf(expected.values()), told);
  }

  private static List<Object> key(Row row) {
    return row.key(Relation.STATUS_COUNTS_NOW);
  }

  private Row row(SimulatedStatus status) {
    return new Row()
        .with("account_id", account)
        .with("workflow", workflow)
        .with("status", status.apiName())
        .with("count", 0);
  }

  /**
   * Over time: what a minute reports was served in or near it, the drift is the difference, and the
   * latest minute of a workflow says what is so now.
   */
  void overTime(List<Row> found, List<Row> now) {
    comparison.compared(Relation.STATUS_COUNTS, found.size());
    Map<List<Object>, Row> latest = new HashMap<>();
    Reports reports = new Reports();
    Set<List<Object>> keys = new HashSet<>();
    for (Row row : found) {
      List<Object> key = row.key(Relation.STATUS_COUNTS);
      if (!keys.add(key)) {
        comparison.doubled(Relation.STATUS_COUNTS, key);
      }
      latest.merge(
          key(row),
          row,
          (one, other) -> one.number("minute") > other.number("minute") ? one : other);
      check(row, reports);
    }
    checkSets(found);
    for (Row row : now) {
      Row last = latest.get(key(row));
      if (last == null) {
        comparison.missing(Relation.STATUS_COUNTS, key(row), "any minute");
      } else if (last.number("count") != row.number("count")) {
        comparison.wrong(
            Relation.STATUS_COUNTS,
            last.key(Relation.STATUS_COUNTS),
            "the latest minute counts %s, status_counts_now %s"
                .formatted(last.get("count"), row.get("count")));
      }
    }
  }

  /** A status that was told once is told in every later minute. */
  private void checkSets(List<Row> found) {
    NavigableMap<Long, Set<String>> minutes = new TreeMap<>();
    for (Row row : found) {
      minutes.computeIfAbsent(row.number("minute"), any -> new HashSet<>()).add(row.text("status"));
    }
    Set<String> before = new HashSet<>();
    minutes.forEach(
        (minute, told) -> {
          before.removeAll(told);
          before.forEach(
              status ->
                  comparison.missing(
                      Relation.STATUS_COUNTS,
                      List.of(account, workflow, status, minute),
                      "told in an earlier minute"));
          before.addAll(told);
        });
  }

  private void check(Row row, Reports reports) {
    List<String> problems = new ArrayList<>();
    if (!row.has("reported") || !reports.isReported(row)) {
      problems.add("nobody reported " + row.get("reported"));
    }
    Long drift = (Long) row.get("drift");
    if (drift != null && drift != row.number("count") - row.number("reported")) {
      problems.add("drift %d is not count − reported".formatted(drift));
    }
    if (!problems.isEmpty()) {
      comparison.wrong(
          Relation.STATUS_COUNTS,
          row.key(Relation.STATUS_COUNTS),
          String.join("; ", problems) + ": " + row);
    }
  }

  /** What was reported, by the moment. */
  private final class Reports {
    private final NavigableMap<Long, List<ServedCounts>> reported = new TreeMap<>();

    Reports() {
      for (ServedCounts counts : served) {
        reported.computeIfAbsent(counts.at().toEpochMilli(), any -> new ArrayList<>()).add(counts);
      }
    }

    /** Whether the row's number was reported in its minute or near it. */
    boolean isReported(Row row) {
      long minute = row.number("minute");
      Optional<SimulatedStatus> status = SimulatedStatus.named(row.text("status"));
      long toleranceMs = tolerance.tolerance().toMillis();
      long from = Math.min(minute - toleranceMs, tolerance.fleetEnd().toEpochMilli());
      return status.isPresent()
          && reported.subMap(from, minute + MINUTE_MS + toleranceMs).values().stream()
              .flatMap(List::stream)
              .filter(counts -> !tolerance.to(counts.at()).isBefore(Instant.ofEpochMilli(minute)))
              .anyMatch(
                  counts ->
                      counts.counts().getOrDefault(status.get(), 0) == row.number("reported"));
    }
  }
}
