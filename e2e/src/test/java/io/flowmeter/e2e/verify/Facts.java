package io.flowmeter.e2e.verify;

import io.flowmeter.verify.relation.Row;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Counts and sums of instances and step runs, by the definitions of docs/definitions.md. A fact
 * counts as often as its weight says: 0 if sampling left it out.
 */
final class Facts {

  private Facts() {}

  /** Whether the API reported the run's end: it was not superseded and did not vanish. */
  static boolean isEnded(Row run) {
    return run.has("ended_at") && run.text("end_kind").equals("api");
  }

  static boolean isFailed(Row step) {
    return Set.of("failed", "timed_out").contains(step.text("outcome"));
  }

  /** Failed with the last attempt that its limit of retries allowed. */
  static boolean isExhausted(Row step) {
    return isFailed(step)
        && step.has("retry_limit")
        && step.number("attempts") == step.number("retry_limit") + 1;
  }

  /** Succeeded, but not at the first attempt. */
  static boolean isRecovered(Row step) {
    return step.text("outcome").equals("succeeded")
        && step.has("retries")
        && step.number("retries") > 0;
  }

  static long count(List<Row> runs, String status) {
    return runs.stream().filter(run -> run.text("status").equals(status)).count();
  }

  static long weight(List<Row> rows) {
    return weight(rows, any -> true);
  }

  static long weight(List<Row> rows, Predicate<Row> which) {
    return rows.stream().filter(which).mapToLong(row -> row.number("weight")).sum();
  }

  /** The sum of a column, of the rows that have it. */
  static long sum(List<Row> rows, String column) {
    return rows.stream()
        .filter(row -> row.has(column))
        .mapToLong(row -> row.number("weight") * row.number(column))
        .sum();
  }

  /** The mean of a column, over the rows that have it. */
  static double mean(List<Row> rows, String column) {
    return (double) sum(rows, column) / weight(rows, row -> row.has(column));
  }

  static double retryRate(List<Row> steps) {
    return (double) sum(steps, "retries") / sum(steps, "attempts");
  }
}
