package io.flowmeter.verify;

import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.ledger.Ledger;
import io.flowmeter.verify.account.ExpectedAccount;
import io.flowmeter.verify.due.DueRun;
import io.flowmeter.verify.due.DueRuns;
import io.flowmeter.verify.expected.ExpectedRelations;
import io.flowmeter.verify.expected.Minutes;
import io.flowmeter.verify.expected.ToldLife;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Holds every relation against a simulator in whose fleet nothing happens any more, when all that
 * was served is in ClickHouse.
 */
public final class Verification {

  private final Simulator simulator;
  private final String token;
  private final UnaryOperator<String> scrubbing;
  private final Instant now;
  private final Duration tolerance;
  private final Map<Relation, List<Row>> found = new EnumMap<>(Relation.class);
  private final Comparison comparison = new Comparison();

  private Verification(
      Simulator simulator,
      String token,
      UnaryOperator<String> scrubbing,
      Instant now,
      Duration tolerance) {
    this.simulator = simulator;
    this.token = token;
    this.scrubbing = scrubbing;
    this.now = now;
    this.tolerance = tolerance;
  }

  /**
   * @param token the API's
   * @param scrubbing what is kept of an error's message
   * @param now the moment, by the clock of all
   * @param tolerance how far the reader's idea of the API's clock may be off, late requests
   *     included, in virtual time
   */
  public static Comparison of(
      Simulator simulator,
      String token,
      RelationReader reader,
      UnaryOperator<String> scrubbing,
      Instant now,
      Duration tolerance) {
    Verification verification = new Verification(simulator, token, scrubbing, now, tolerance);
    for (Relation relation : Relation.values()) {
      verification.found.put(relation, reader.rows(relation));
    }
    verification.compare();
    return verification.comparison;
  }

  private void compare() {
    Ledger ledger = simulator.ledger();
    Allowance allowance = new Allowance(simulator.account(), foundInstances(), comparison);
    Map<List<Object>, DueRun> due = new HashMap<>();
    List<DueRun> runs = DueRuns.of(ledger, scrubbing);
    runs.forEach(run -> due.put(allowance.key(run), run));
    List<ToldLife> lives = allowance.lives(runs);
    ExpectedRelations expected =
        ExpectedRelations.of(
            simulator.account(), lives, life -> allowance.weight(due.get(allowance.key(life))));

    for (Relation relation :
        List.of(Relation.INSTANCES, Relation.STEP_RUNS, Relation.STEP_ATTEMPTS)) {
      comparison.add(relation, expected.rows(relation), found.get(relation));
    }
    Plausibility plausibility = new Plausibility(now, tolerance, comparison);
    plausibility.instances(due, found.get(Relation.INSTANCES));
    plausibility.stepRuns(found.get(Relation.STEP_RUNS));
    new SightedTransitions(tolerance, comparison).check(due, found.get(Relation.TRANSITIONS));
    comparison.add(
        Relation.WORKFLOW_MINUTES,
        Minutes.ofInstances(found.get(Relation.INSTANCES)),
        found.get(Relation.WORKFLOW_MINUTES));
    comparison.add(
        Relation.STEP_MINUTES,
        Minutes.ofStepRuns(found.get(Relation.STEP_RUNS)),
        found.get(Relation.STEP_MINUTES));

    Counts counts = new Counts(simulator.account(), ledger, tolerance, comparison);
    counts.now(expected.rows(Relation.STATUS_COUNTS_NOW), found.get(Relation.STATUS_COUNTS_NOW));
    counts.overTime(found.get(Relation.STATUS_COUNTS), found.get(Relation.STATUS_COUNTS_NOW));
    ExpectedAccount account = ExpectedAccount.of(simulator, token);
    comparison.add(Relation.WORKFLOWS, account.workflows(), found.get(Relation.WORKFLOWS));
    comparison.add(Relation.VERSIONS, account.versions(), found.get(Relation.VERSIONS));
  }

  private Map<List<Object>, Row> foundInstances() {
    Map<List<Object>, Row> byKey = new HashMap<>();
    found.get(Relation.INSTANCES).forEach(row -> byKey.put(row.key(Relation.INSTANCES), row));
    return byKey;
  }
}
