package io.flowmeter.verify;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRun.Certainty;
import io.flowmeter.verify.required.RequiredRuns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether the rows of an instance in {@code instances} and {@code transitions} are those that
 * certain answers come to. It decides which answers were lost where some may have been; all that is
 * due of the others is compared thereafter.
 */
final class RowAgreement implements RequiredRuns.Fits {
  private final String account;
  private final TimeTolerance tolerance;
  private final Instant now;
  private final SampledTransitions transitions;
  private final Map<List<Object>, List<Row>> instances = new HashMap<>();
  private final Map<List<Object>, List<Row>> byRun = new HashMap<>();

  /**
   * @param found rows of instances and of transitions
   * @param now nothing was written after it
   */
  RowAgreement(
      String account,
      Map<Relation, List<Row>> found,
      TimeTolerance tolerance,
      Instant now,
      SampledTransitions transitions) {
    this.account = account;
    this.tolerance = tolerance;
    this.now = now;
    this.transitions = transitions;
    for (Row row : found.get(Relation.INSTANCES)) {
      instances
          .computeIfAbsent(
              List.of(row.text("workflow"), row.text("instance_id")), any -> new ArrayList<>())
          .add(row);
    }
    for (Row row : found.get(Relation.TRANSITIONS)) {
      byRun.computeIfAbsent(row.key(Relation.INSTANCES), any -> new ArrayList<>()).add(row);
    }
    byRun.values().forEach(rows -> rows.sort(Comparator.comparing(row -> row.number("seq"))));
  }

  @Override
  public boolean agree(String workflow, String instanceId, List<RequiredRun> runs) {
    List<Row> rows = instances.getOrDefault(List.of(workflow, instanceId), List.of());
    Comparison comparison = new Comparison();
    ExpectedRuns expected = ExpectedRuns.of(account, runs, rows, tolerance, now, comparison);
    expected.compareInstances(rows, allTransitions(rows), comparison);
    return comparison.isClean()
        && rows.stream().allMatch(row -> agrees(expected, row.key(Relation.INSTANCES), row));
  }

  private List<Row> allTransitions(List<Row> rows) {
    return rows.stream()
        .flatMap(row -> transitionsOf(row.key(Relation.INSTANCES)).stream())
        .toList();
  }

  private List<Row> transitionsOf(List<Object> key) {
    return byRun.getOrDefault(key, List.of());
  }

  private boolean agrees(ExpectedRuns expected, List<Object> key, Row row) {
    RequiredRun run = expected.byKey().get(key);
    return transitions.problem(run, transitionsOf(key)).isEmpty()
        && (run.certainty() != Certainty.EXACT || isOfItsLastDetail(run, row));
  }

  /** Of a life that goes on, or one that told the same. */
  private boolean isOfItsLastDetail(RequiredRun run, Row row) {
    List<Instant> last = run.asReported();
    if (last.isEmpty() || !row.has("detail_at")) {
      return last.isEmpty() && !row.has("detail_at");
    }
    return run.run().ended()
        || tolerance.covers(last.get(0), last.get(last.size() - 1), row.number("detail_at"));
  }
}
