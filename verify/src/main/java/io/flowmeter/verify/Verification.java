package io.flowmeter.verify;

import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.Simulator.Requests;
import io.flowmeter.simulator.ledger.Ledger;
import io.flowmeter.verify.account.ExpectedAccount;
import io.flowmeter.verify.due.DueRun;
import io.flowmeter.verify.due.DueRun.Certainty;
import io.flowmeter.verify.due.DueRuns;
import io.flowmeter.verify.due.Losses;
import io.flowmeter.verify.expected.ExpectedRelations;
import io.flowmeter.verify.expected.Minutes;
import io.flowmeter.verify.expected.Sums;
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
import java.util.SortedMap;

/**
 * Holds every relation against a simulator in whose fleet nothing happens any more, and whom nobody
 * asks any more.
 */
public final class Verification {

  private final String account;
  private final Ledger ledger;
  private final List<DueRun> due;
  private final SortedMap<Instant, Requests> requests;
  private final ExpectedAccount workflows;
  private final Leeway leeway;
  private final Duration skew;
  private final Losses losses;

  private Verification(Simulator simulator, String token, Duration tolerance, Losses losses) {
    this.losses = losses;
    this.account = simulator.account();
    this.ledger = simulator.ledger();
    this.due = DueRuns.of(ledger);
    this.requests = simulator.requestsByMinute();
    this.workflows = ExpectedAccount.of(simulator, token);
    this.leeway = new Leeway(tolerance, simulator.fleetEnd());
    this.skew = simulator.skew();
  }

  /**
   * Finds out what is due.
   *
   * @param token the API's
   * @param tolerance how far the reader's idea of the API's clock may be off, late requests
   *     included, in virtual time
   */
  public static Verification of(Simulator simulator, String token, Duration tolerance) {
    return of(simulator, token, tolerance, Losses.NONE);
  }

  /**
   * The same where the reader was killed now and then.
   *
   * @param losses when answers may have been lost with it
   */
  public static Verification of(
      Simulator simulator, String token, Duration tolerance, Losses losses) {
    return new Verification(simulator, token, tolerance, losses);
  }

  /** How many runs that ended were not fetched in full so far, though nothing kept one from it. */
  public static long owed(Simulator simulator) {
    return DueRuns.of(simulator.ledger()).stream()
        .filter(run -> run.certainty() == Certainty.EXACT)
        .filter(run -> run.life().ended() && !run.life().fetchedInFull())
        .filter(run -> !run.isGone(simulator.fleetEnd()))
        .count();
  }

  /** In words: how many runs are due, and how many of those that ended were fetched in full. */
  public String coverage() {
    long runs = due.stream().filter(run -> run.certainty() != Certainty.POSSIBLE).count();
    long ended = due.stream().filter(run -> run.life().ended()).count();
    long fetched = due.stream().filter(run -> run.life().fetchedInFull()).count();
    long details = due.stream().mapToLong(DueRun::endedDetails).sum();
    long gone =
        due.stream()
            .filter(run -> run.isGone(leeway.fleetEnd()) && !run.life().fetchedInFull())
            .count();
    return "%,d runs are due, of %,d that ended %,d were fetched in full by %,d details; %,d were gone before"
        .formatted(runs, ended, fetched, details, gone);
  }

  /**
   * Holds what is there against it. Sums over hours must be those of all minutes that are there.
   *
   * @param now by the clock of all: nothing was written after it
   */
  public Comparison compare(RelationReader reader, Instant now) {
    Map<Relation, List<Row>> found = new EnumMap<>(Relation.class);
    for (Relation relation : Relation.values()) {
      found.put(relation, reader.rows(relation));
    }
    Comparison comparison = new Comparison();
    List<DueRun> due = explained(found, comparison);
    List<ToldLife> lives = compareFacts(due, found, now, comparison);
    comparison.add(
        Relation.WORKFLOW_MINUTES,
        Minutes.ofInstances(found.get(Relation.INSTANCES)),
        found.get(Relation.WORKFLOW_MINUTES));
    comparison.add(
        Relation.STEP_MINUTES,
        Minutes.ofStepRuns(found.get(Relation.STEP_RUNS), found.get(Relation.INSTANCES)),
        found.get(Relation.STEP_MINUTES));
    for (Relation relation : Relation.values()) {
      relation
          .stretches()
          .ifPresent(
              sums ->
                  comparison.add(
                      relation,
                      Sums.ofMinutes(relation, found.get(sums.minutes())),
                      Sums.ofRows(relation, found.get(relation))));
    }
    comparison.add(Relation.WORKFLOWS, workflows.workflows(), found.get(Relation.WORKFLOWS));
    comparison.add(Relation.VERSIONS, workflows.versions(), found.get(Relation.VERSIONS));
    new Collector(requests, leeway, losses, comparison)
        .check(due, lives, found.get(Relation.COLLECTOR_MINUTES));
    Instant since =
        due.stream()
            .filter(run -> !run.sightings().isEmpty())
            .map(DueRun::firstSeen)
            .min(Instant::compareTo)
            .orElse(now);
    new Spikes(since, comparison)
        .check(found.get(Relation.INSTANCES), found.get(Relation.ERROR_SPIKES));
    return comparison;
  }

  /** What is due, if those answers were lost whose loss explains what is found. */
  private List<DueRun> explained(Map<Relation, List<Row>> found, Comparison comparison) {
    return losses.isEmpty()
        ? due
        : DueRuns.of(
            ledger,
            losses,
            new Agreement(
                account, found, leeway, new SightedTransitions(leeway, losses, comparison)));
  }

  /**
   * @return the lives that were expected
   */
  private List<ToldLife> compareFacts(
      List<DueRun> due, Map<Relation, List<Row>> found, Instant now, Comparison comparison) {
    Map<List<Object>, Row> instances = new HashMap<>();
    found.get(Relation.INSTANCES).forEach(row -> instances.put(row.key(Relation.INSTANCES), row));
    Allowance allowance = new Allowance(account, instances, due, leeway, now, comparison);
    List<DueRun> decided = due.stream().map(allowance::decided).toList();
    Map<List<Object>, DueRun> runs = new HashMap<>();
    decided.forEach(run -> runs.put(allowance.key(run), run));
    List<ToldLife> lives = allowance.lives(decided);
    ExpectedRelations expected =
        ExpectedRelations.of(
            account, lives, life -> allowance.weight(runs.get(allowance.key(life))));

    PausedTime.expect(expected.rows(Relation.INSTANCES), found.get(Relation.TRANSITIONS));
    for (Relation relation :
        List.of(
            Relation.INSTANCES,
            Relation.ERROR_GROUPS,
            Relation.STEP_RUNS,
            Relation.STEP_ATTEMPTS)) {
      comparison.add(relation, expected.rows(relation), found.get(relation));
    }
    Plausibility plausibility = new Plausibility(now, leeway, skew, comparison);
    plausibility.instances(runs, found.get(Relation.INSTANCES));
    plausibility.stepRuns(found.get(Relation.STEP_RUNS));
    new SightedTransitions(leeway, losses, comparison).check(runs, found.get(Relation.TRANSITIONS));

    Counts counts = new Counts(account, ledger, leeway, comparison);
    counts.now(expected.rows(Relation.STATUS_COUNTS_NOW), found.get(Relation.STATUS_COUNTS_NOW));
    counts.overTime(found.get(Relation.STATUS_COUNTS), found.get(Relation.STATUS_COUNTS_NOW));
    return lives;
  }
}
