package io.flowmeter.verify;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long runs were paused. Polls sample it, so that no answer determines it: it is the sum over
 * the transitions that are there, which are held against the answers themselves.
 */
final class PausedTime {

  private PausedTime() {}

  /**
   * Adds {@code paused_ms}.
   *
   * @param instances expected rows
   * @param transitions those that are there
   */
  static void expect(List<Row> instances, List<Row> transitions) {
    Map<List<Object>, Long> paused = new HashMap<>();
    for (Row transition : transitions) {
      if (transition.text("from_status").equals("paused")) {
        paused.merge(
            transition.key(Relation.INSTANCES), transition.number("previous_ms"), Long::sum);
      }
    }
    for (Row run : instances) {
      run.with("paused_ms", paused.getOrDefault(run.key(Relation.INSTANCES), 0L));
    }
  }
}
