package io.flowmeter.verify;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRun.Certainty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Whether times that depend on when the pipeline did what can be true. All in virtual time.
 *
 * @param now the moment of the comparison: nothing was written after it
 * @param skew how far the API's clock may be from the one that {@code inserted_at} is by
 */
record Plausibility(Instant now, TimeTolerance tolerance, Duration skew, Comparison comparison) {

  /** {@code detail_at}, {@code observed_at} and {@code inserted_at} of {@code instances}. */
  void instances(Map<List<Object>, RequiredRun> due, List<Row> found) {
    for (Row row : found) {
      List<Object> key = row.key(Relation.INSTANCES);
      RequiredRun run = due.get(key);
      if (run == null || run.certainty() != Certainty.EXACT) {
        continue;
      }
      within(
          Relation.INSTANCES,
          key,
          row,
          "observed_at",
          tolerance.from(run.firstSeen()),
          // That it was not found is no answer that showed it.
          row.text("end_kind").equals("vanished") ? now : tolerance.to(run.lastSeen()));
      if (row.has("detail_at") == run.details().isEmpty()) {
        comparison.wrong(
            Relation.INSTANCES,
            key,
            "detail_at %s, but details were served at %s"
                .formatted(row.get("detail_at"), run.details()));
      } else if (row.has("detail_at")) {
        within(
            Relation.INSTANCES,
            key,
            row,
            "detail_at",
            tolerance.from(run.details().get(0)),
            tolerance.to(run.details().get(run.details().size() - 1)));
      }
      Instant seen = tolerance.from(run.firstSeen()).minus(skew);
      within(Relation.INSTANCES, key, row, "inserted_at", seen, now);
    }
  }

  /** {@code inserted_at} of {@code step_runs}: after the step, before now. */
  void stepRuns(List<Row> found) {
    for (Row row : found) {
      if (row.has("started_at")) {
        within(
            Relation.STEP_RUNS,
            row.key(Relation.STEP_RUNS),
            row,
            "inserted_at",
            Instant.ofEpochMilli(row.number("started_at")).minus(skew),
            now);
      }
    }
  }

  private void within(
      Relation relation, List<Object> key, Row row, String column, Instant from, Instant to) {
    Instant at = Instant.ofEpochMilli(row.number(column));
    if (at.isBefore(from) || at.isAfter(to)) {
      comparison.wrong(
          relation, key, "expected %s from %s to %s, found %s".formatted(column, from, to, at));
    }
  }
}
