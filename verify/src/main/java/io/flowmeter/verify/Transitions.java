package io.flowmeter.verify;

import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What must hold for the transitions of a run. Its first statuses and its end are known to the
 * millisecond; what was between depends on when the poller looked, so that only their order and
 * their sums can be checked.
 */
public final class Transitions {

  private Transitions() {}

  /** Checks the transitions of all lives and notes what is wrong. */
  public static void check(
      String account, Collection<ReportedRun> runs, List<Row> transitions, Comparison comparison) {
    comparison.compared(Relation.TRANSITIONS, transitions.size());
    Map<List<Object>, List<Row>> byRun =
        transitions.stream().collect(Collectors.groupingBy(row -> row.key(Relation.INSTANCES)));
    for (ReportedRun run : runs) {
      List<Object> key = List.of(account, run.workflow(), run.instanceId(), run.run());
      List<Row> rows = byRun.remove(key);
      if (rows == null) {
        comparison.wrong(Relation.TRANSITIONS, key, "none");
      } else {
        rows = rows.stream().sorted(Comparator.comparing(row -> row.number("seq"))).toList();
        checkRun(run, rows, key, comparison);
      }
    }
    byRun
        .keySet()
        .forEach(key -> comparison.wrong(Relation.TRANSITIONS, key, "nobody expects this run"));
  }

  private static void checkRun(
      ReportedRun run, List<Row> rows, List<Object> key, Comparison comparison) {
    Row last = rows.get(rows.size() - 1);
    boolean good =
        problem(rows).isEmpty()
            && is(rows.get(0), "queued", run.queued())
            && (run.start().isEmpty()
                || (rows.size() > 1 && is(rows.get(1), "running", run.start().get())))
            && last.text("to_status").equals(run.status())
            && (!run.ended() || is(last, run.status(), run.end().orElseThrow()));
    if (!good) {
      comparison.wrong(
          Relation.TRANSITIONS,
          key,
          "expected a chain from queued at %d and running at %s to %s at %s, found %s"
              .formatted(run.queued(), run.start(), run.status(), run.end(), rows));
    }
  }

  /**
   * What is wrong with the transitions of a run as a chain, whatever was seen.
   *
   * @param rows in order of {@code seq}
   */
  static Optional<String> problem(List<Row> rows) {
    if (rows.isEmpty()) {
      return Optional.of("there are none");
    }
    String from = "";
    long previousAt = rows.get(0).number("at");
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      long at = row.number("at");
      boolean good =
          row.number("seq") == i + 1
              && row.text("from_status").equals(from)
              && !row.text("to_status").equals(from)
              && at >= previousAt
              && row.number("not_before") <= at
              && row.number("previous_ms") == at - previousAt;
      if (!good) {
        return Optional.of("no chain at " + row);
      }
      from = row.text("to_status");
      previousAt = at;
    }
    return Optional.empty();
  }

  private static boolean is(Row row, String status, long at) {
    return row.text("to_status").equals(status)
        && row.number("at") == at
        && Boolean.TRUE.equals(row.get("at_is_exact"));
  }
}
