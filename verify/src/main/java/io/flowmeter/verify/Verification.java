package io.flowmeter.verify;

import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.Simulator.Requests;
import io.flowmeter.simulator.ledger.Ledger;
import io.flowmeter.simulator.ledger.ServedWorkflow;
import io.flowmeter.verify.account.ExpectedAccount;
import io.flowmeter.verify.expected.ExpectedMinutes;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.expected.Sums;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.LossWindows;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRun.Certainty;
import io.flowmeter.verify.required.RequiredRuns;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Holds every relation against a simulator in whose fleet nothing happens any more, and whom nobody
 * asks any more.
 */
public final class Verification {

  /** Those that are small, and compared as a whole. */
  private static final Set<Relation> WHOLE =
      Set.of(Relation.WORKFLOWS, Relation.VERSIONS, Relation.COLLECTOR_MINUTES);

  private final String account;
  private final Ledger ledger;
  private final SortedMap<Instant, Requests> requests;
  private final ExpectedAccount expected;
  private final TimeTolerance leeway;
  private final Duration skew;
  private final LossWindows losses;
  private final long deadLetters;
  private final String coverage;

  private Verification(
      Simulator simulator, String token, Duration tolerance, LossWindows losses, long deadLetters) {
    this.losses = losses;
    this.deadLetters = deadLetters;
    this.account = simulator.account();
    this.ledger = simulator.ledger();
    this.requests = simulator.requestsByMinute();
    this.expected = ExpectedAccount.of(simulator, token);
    this.leeway = new TimeTolerance(tolerance, simulator.fleetEnd());
    this.skew = simulator.skew();
    this.coverage = coverage(ledger, leeway.fleetEnd());
  }

  /**
   * Finds out what is due.
   *
   * @param token the API's
   * @param tolerance how far the reader's idea of the API's clock may be off, late requests
   *     included, in virtual time
   */
  public static Verification of(Simulator simulator, String token, Duration tolerance) {
    return of(simulator, token, tolerance, LossWindows.NONE, 0);
  }

  /**
   * The same where the reader was killed now and then.
   *
   * @param losses when answers may have been lost with it
   * @param deadLetters so many records that nobody can process were sent
   */
  public static Verification of(
      Simulator simulator, String token, Duration tolerance, LossWindows losses, long deadLetters) {
    return new Verification(simulator, token, tolerance, losses, deadLetters);
  }

  /** How many runs that ended were not fetched in full so far, though nothing kept one from it. */
  public static long required(Simulator simulator) {
    Ledger ledger = simulator.ledger();
    return workflows(ledger)
        .mapToLong(workflow -> RequiredRuns.required(ledger.served(workflow), simulator.fleetEnd()))
        .sum();
  }

  private static Stream<String> workflows(Ledger ledger) {
    return ledger.servedWorkflows().stream().map(ServedWorkflow::workflow).distinct();
  }

  private static String coverage(Ledger ledger, Instant fleetEnd) {
    long[] sums = new long[5];
    workflows(ledger)
        .flatMap(workflow -> RequiredRuns.of(ledger.served(workflow)).stream())
        .forEach(
            run -> {
              sums[0] += run.certainty() == Certainty.POSSIBLE ? 0 : 1;
              sums[1] += run.run().ended() ? 1 : 0;
              sums[2] += run.run().fetchedInFull() ? 1 : 0;
              sums[3] += run.endedDetails();
              sums[4] += run.isDeleted(fleetEnd) && !run.run().fetchedInFull() ? 1 : 0;
            });
    return "%,d runs are due, of %,d that ended %,d were fetched in full by %,d details; %,d were gone before"
        .formatted(sums[0], sums[1], sums[2], sums[3], sums[4]);
  }

  /** In words: how many runs are due, and how many of those that ended were fetched in full. */
  public String coverage() {
    return coverage;
  }

  /**
   * Holds what is there against it, workflow after workflow, so that what is in memory at once is
   * one's. Sums over hours must be those of all minutes that are there.
   *
   * @param now by the clock of all: nothing was written after it
   */
  public Comparison compare(RelationReader reader, Instant now) {
    Comparison comparison = new Comparison();
    Collector collector = new Collector(requests, leeway, losses, deadLetters, comparison);
    SortedSet<String> workflows = new TreeSet<>(reader.workflows());
    workflows(ledger).forEach(workflows::add);
    for (String workflow : workflows) {
      compare(workflow, reader, now, collector, comparison);
    }
    comparison.add(Relation.WORKFLOWS, expected.workflows(), reader.rows(Relation.WORKFLOWS));
    comparison.add(Relation.VERSIONS, expected.versions(), reader.rows(Relation.VERSIONS));
    collector.check(reader.rows(Relation.COLLECTOR_MINUTES));
    return comparison;
  }

  private void compare(
      String workflow,
      RelationReader reader,
      Instant now,
      Collector collector,
      Comparison comparison) {
    Map<Relation, List<Row>> found = new EnumMap<>(Relation.class);
    for (Relation relation : Relation.values()) {
      if (!WHOLE.contains(relation)) {
        found.put(relation, reader.rows(relation, workflow));
      }
    }
    List<RequiredRun> due = due(workflow, found, now, comparison);
    List<ReportedRun> runs = compareFacts(workflow, due, found, now, comparison);
    collector.add(due, runs);
    List<Row> instances = found.get(Relation.INSTANCES);
    comparison.add(
        Relation.WORKFLOW_MINUTES,
        ExpectedMinutes.ofInstances(instances),
        found.get(Relation.WORKFLOW_MINUTES));
    comparison.add(
        Relation.STEP_MINUTES,
        ExpectedMinutes.ofStepRuns(found.get(Relation.STEP_RUNS), instances),
        found.get(Relation.STEP_MINUTES));
    for (Relation relation : Relation.values()) {
      relation
          .intervals()
          .ifPresent(
              sums ->
                  comparison.add(
                      relation,
                      Sums.ofMinutes(relation, found.get(sums.minutes())),
                      Sums.ofRows(relation, found.get(relation))));
    }
    Instant since =
        due.stream()
            .filter(run -> !run.intervals().isEmpty())
            .map(RequiredRun::firstSeen)
            .min(Instant::compareTo)
            .orElse(now);
    new Spikes(since, comparison).check(workflow, instances, found.get(Relation.ERROR_SPIKES));
  }

  /** What is due, if those answers were lost whose loss explains what is found. */
  private List<RequiredRun> due(
      String workflow, Map<Relation, List<Row>> found, Instant now, Comparison comparison) {
    return losses.isEmpty()
        ? RequiredRuns.of(ledger.served(workflow))
        : RequiredRuns.of(
            ledger.served(workflow),
            losses,
            new RowAgreement(
                account, found, leeway, now, new SampledTransitions(leeway, losses, comparison)));
  }

  /**
   * @return the lives that were expected
   */
  private List<ReportedRun> compareFacts(
      String workflow,
      List<RequiredRun> due,
      Map<Relation, List<Row>> found,
      Instant now,
      Comparison comparison) {
    List<Row> instances = found.get(Relation.INSTANCES);
    List<Row> transitions = found.get(Relation.TRANSITIONS);
    ExpectedRuns runs = ExpectedRuns.of(account, due, instances, leeway, now, comparison);
    runs.compareInstances(instances, transitions, comparison);
    for (Relation relation :
        List.of(Relation.ERROR_GROUPS, Relation.STEP_RUNS, Relation.STEP_ATTEMPTS)) {
      comparison.add(relation, runs.rows(relation), found.get(relation));
    }
    Plausibility plausibility = new Plausibility(now, leeway, skew, comparison);
    plausibility.instances(runs.byKey(), instances);
    plausibility.stepRuns(found.get(Relation.STEP_RUNS));
    new SampledTransitions(leeway, losses, comparison).check(runs.byKey(), transitions);

    Counts counts =
        new Counts(account, workflow, ledger.servedCounts(workflow), leeway, comparison);
    counts.now(runs.rows(Relation.STATUS_COUNTS_NOW), found.get(Relation.STATUS_COUNTS_NOW));
    counts.overTime(found.get(Relation.STATUS_COUNTS), found.get(Relation.STATUS_COUNTS_NOW));
    return runs.runs();
  }
}
