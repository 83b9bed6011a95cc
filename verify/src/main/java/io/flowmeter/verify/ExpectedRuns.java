package io.flowmeter.verify;

import io.flowmeter.verify.expected.ExpectedRelations;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.RequiredRun;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs that are due, as they are to be found: what the answers leave open is taken over from what
 * is there.
 *
 * @param byKey by the key of their row in {@code instances}
 * @param runs of those that are to be there
 * @param facts the rows of these
 */
record ExpectedRuns(
    Map<List<Object>, RequiredRun> byKey, List<ReportedRun> runs, ExpectedRelations facts) {

  /**
   * @param found rows of {@code instances}
   * @param now nothing was written after it
   * @param comparison is told of what cannot be taken over
   */
  static ExpectedRuns of(
      String account,
      List<RequiredRun> due,
      List<Row> found,
      TimeTolerance tolerance,
      Instant now,
      Comparison comparison) {
    Map<List<Object>, Row> instances = new HashMap<>();
    found.forEach(row -> instances.put(row.key(Relation.INSTANCES), row));
    UndeterminedValues undetermined =
        new UndeterminedValues(account, instances, due, tolerance, now, comparison);
    List<RequiredRun> decided = due.stream().map(undetermined::decided).toList();
    Map<List<Object>, RequiredRun> byKey = new HashMap<>();
    decided.forEach(run -> byKey.put(undetermined.key(run), run));
    List<ReportedRun> runs = undetermined.runs(decided);
    return new ExpectedRuns(
        byKey,
        runs,
        ExpectedRelations.of(
            account,
            runs,
            reportedRun -> undetermined.weight(byKey.get(undetermined.key(reportedRun)))));
  }

  List<Row> rows(Relation relation) {
    return facts.rows(relation);
  }

  /**
   * @param found rows of {@code instances}
   * @param transitions those that are there
   */
  void compareInstances(List<Row> found, List<Row> transitions, Comparison comparison) {
    PausedTime.expect(rows(Relation.INSTANCES), transitions);
    comparison.add(Relation.INSTANCES, rows(Relation.INSTANCES), found);
  }
}
