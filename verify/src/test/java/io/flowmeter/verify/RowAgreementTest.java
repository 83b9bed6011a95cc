package io.flowmeter.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.simulator.fleet.SimulatedAccount;
import io.flowmeter.simulator.ledger.Ledger;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import io.flowmeter.verify.expected.ExpectedRelations;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.LossWindows;
import io.flowmeter.verify.required.RequiredRun;
import io.flowmeter.verify.required.RequiredRuns;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which of the answers that may have been lost were, by what is found of a run. */
class RowAgreementTest {
  private static final Instant BEGIN = Instant.parse("2026-03-02T00:00:00Z");
  private static final Instant NOW = BEGIN.plus(Duration.ofHours(6));
  private static final Duration SOON = Duration.ofMillis(50);
  private static final String ACCOUNT = "acme";

  private final FleetPlan plan = FleetPlan.day(1, BEGIN, 2_000);
  private final SimulatedAccount account =
      new SimulatedAccount(new Fleet(plan, WorkflowCatalog.of(plan.lifetime())));
  private final Ledger delivered = new Ledger(account);
  private final Ledger told = new Ledger(account);
  private SimulatedRun simulatedRun;
  private Instant lookedAtEnd;

  /** A run that was seen to run, by its row and a live detail, and then to have completed. */
  @BeforeEach
  void aRunThatCompletes() {
    Seen seen =
        IntStream.range(0, account.size())
            .boxed()
            .flatMap(workflow -> account.instances(workflow, NOW).map(each -> seen(workflow, each)))
            .filter(Seen::isSimple)
            .findFirst()
            .orElseThrow();
    simulatedRun = seen.run();
    Instant running = seen.half();
    Instant listed = simulatedRun.end().orElseThrow().plus(SOON);
    lookedAtEnd = listed.plus(SOON);
    for (Ledger ledger : List.of(delivered, told)) {
      ledger.row(seen.workflow(), seen.instance(), simulatedRun.asOf(running), running);
      ledger.detail(seen.workflow(), seen.instance(), simulatedRun.asOf(running), running, true);
      ledger.row(seen.workflow(), seen.instance(), simulatedRun, listed);
    }
    delivered.detail(seen.workflow(), seen.instance(), simulatedRun, lookedAtEnd, true);
  }

  private record Seen(int workflow, Instance instance, SimulatedRun run) {
    Instant half() {
      Instant start = run.start().orElseThrow();
      return start.plus(Duration.between(start, run.end().orElseThrow()).dividedBy(2));
    }

    boolean isSimple() {
      return instance.runs().size() == 1
          && run.reopened().isEmpty()
          && run.start().isPresent()
          && run.end().filter(NOW::isAfter).isPresent()
          && run.status() == SimulatedStatus.COMPLETE
          && run.asOf(half()).status() == SimulatedStatus.RUNNING
          && run.asOf(half()).statusSince().equals(run.start().orElseThrow())
          && !run.asOf(half()).steps().isEmpty();
    }

    /** It works on steps, then sleeps for seconds. */
    boolean sleepsAfterWork() {
      return instance.runs().size() == 1
          && run.reopened().isEmpty()
          && run.start().isPresent()
          && run.steps().stream().skip(1).anyMatch(this::isAsleepIn);
    }

    private boolean isAsleepIn(Step step) {
      return step instanceof Step.Sleep sleep
          && sleep.end().filter(sleep.start().plusSeconds(2)::isBefore).isPresent()
          && run.asOf(sleep.start().plus(SOON.multipliedBy(4))).status() == SimulatedStatus.WAITING
          && run.asOf(sleep.end().orElseThrow().minus(SOON)).status() == SimulatedStatus.WAITING;
    }

    Step.Sleep asleep() {
      return (Step.Sleep)
          run.steps().stream().skip(1).filter(this::isAsleepIn).findFirst().orElseThrow();
    }

    /** It completed and was opened again, once, and is shown so before it ends again. */
    boolean livesAgain() {
      return instance.runs().size() == 1
          && run.reopened()
              .filter(again -> again.before().status() == SimulatedStatus.COMPLETE)
              .isPresent()
          && run.reopened().get().before().reopened().isEmpty()
          && run.reopened().get().at().isAfter(run.ends().get(0).plus(SOON.multipliedBy(3)))
          && run.asOf(run.reopened().get().at().plus(SOON)).end().isEmpty();
    }
  }

  private static Seen seen(int workflow, Instance instance) {
    return new Seen(workflow, instance, instance.runs().get(0));
  }

  @Test
  void aDetailOfTheEndThatIsNotFoundWasLostThoughALiveOneIs() {
    assertThat(due(loss(), found(told))).containsExactlyElementsOf(lives(told));
    assertThat(lives(told)).noneMatch(ReportedRun::fetchedInFull);
  }

  @Test
  void aDetailOfTheEndThatIsFoundWasNotLost() {
    assertThat(due(loss(), found(delivered))).containsExactlyElementsOf(lives(delivered));
    assertThat(lives(delivered)).allMatch(ReportedRun::fetchedInFull);
  }

  @Test
  void whatWasDeliveredAtNoTimeOfLossIsDue() {
    assertThat(due(LossWindows.NONE, found(told))).containsExactlyElementsOf(lives(delivered));
  }

  /** A run that a restart replaced while it ran: one live detail told of it. */
  @Test
  void theDetailOfARunThatWasReplacedWasLostWhereNothingOfItIsFound() {
    Replaced replaced =
        IntStream.range(0, account.size())
            .boxed()
            .flatMap(
                workflow -> account.instances(workflow, NOW).map(each -> replaced(workflow, each)))
            .filter(Replaced::isSimple)
            .findFirst()
            .orElseThrow();
    Ledger all = new Ledger(account);
    Ledger some = new Ledger(account);
    Instant running = replaced.half();
    Instant ended = replaced.second().end().orElseThrow().plus(SOON);
    for (Ledger ledger : List.of(all, some)) {
      ledger.row(replaced.workflow(), replaced.instance(), replaced.first().asOf(running), running);
      ledger.row(replaced.workflow(), replaced.instance(), replaced.second(), ended);
      ledger.detail(replaced.workflow(), replaced.instance(), replaced.second(), ended, true);
    }
    Instant looked = running.plus(SOON);
    all.detail(
        replaced.workflow(), replaced.instance(), replaced.first().asOf(looked), looked, true);
    LossWindows losses = new LossWindows();
    losses.add(looked, looked.plus(SOON));

    assertThat(due(all, losses, found(some))).containsExactlyElementsOf(lives(some));
    assertThat(due(all, losses, found(all))).containsExactlyElementsOf(lives(all));
    assertThat(lives(some)).isNotEqualTo(lives(all));
  }

  private record Replaced(int workflow, Instance instance) {
    SimulatedRun first() {
      return instance.runs().get(0);
    }

    SimulatedRun second() {
      return instance.runs().get(1);
    }

    Instant half() {
      Instant start = first().start().orElseThrow();
      return start.plus(Duration.between(start, second().queued()).dividedBy(2));
    }

    boolean isSimple() {
      return instance.runs().size() == 2
          && first().start().isPresent()
          && first().end().isEmpty()
          && second().queued().isAfter(instance.createdOn().plus(Duration.ofSeconds(6)))
          && second().status() == SimulatedStatus.COMPLETE
          && second().start().isPresent()
          && second().reopened().isEmpty()
          && second().end().filter(NOW::isAfter).isPresent();
    }
  }

  private static Replaced replaced(int workflow, Instance instance) {
    return new Replaced(workflow, instance);
  }

  /** Its first end was shown by a row before a detail: it may have been sampled out then. */
  @Test
  void whetherARunThatLivesAgainWasLeftOutShowsByTheEndsThatItLeft() {
    Seen seen =
        IntStream.range(0, account.size())
            .boxed()
            .flatMap(workflow -> account.instances(workflow, NOW).map(each -> seen(workflow, each)))
            .filter(Seen::livesAgain)
            .findFirst()
            .orElseThrow();
    SimulatedRun all = seen.run();
    Instant ended = all.ends().get(0).plus(SOON);
    Instant again = all.reopened().orElseThrow().at().plus(SOON);
    Ledger ledger = new Ledger(account);
    ledger.row(seen.workflow(), seen.instance(), all.asOf(ended), ended);
    ledger.detail(
        seen.workflow(), seen.instance(), all.asOf(ended.plus(SOON)), ended.plus(SOON), true);
    ledger.row(seen.workflow(), seen.instance(), all.asOf(again), again);
    RequiredRun run = all(ledger).get(0);
    ReportedRun leftOut = run.leftOut().orElseThrow().run();

    assertThat(run.run().reopened()).isEqualTo(1);
    assertThat(leftOut.reopened()).isZero();
    assertThat(expected(run, run.run())).containsExactly(run.run());
    assertThat(expected(run, leftOut)).containsExactly(leftOut);
  }

  private static List<ReportedRun> expected(RequiredRun run, ReportedRun found) {
    List<Row> rows = ExpectedRelations.of(ACCOUNT, List.of(found)).rows(Relation.INSTANCES);
    return ExpectedRuns.of(
            ACCOUNT, List.of(run), rows, new TimeTolerance(SOON, NOW), NOW, new Comparison())
        .runs();
  }

  /** As of one that sleeps: what tells nothing new is not told. */
  @Test
  void theDetailOfALiveRunIsTheFirstThatToldWhatTheLastOneDoes() {
    Seen seen =
        IntStream.range(0, account.size())
            .boxed()
            .flatMap(workflow -> account.instances(workflow, NOW).map(each -> seen(workflow, each)))
            .filter(Seen::sleepsAfterWork)
            .findFirst()
            .orElseThrow();
    Instant before = seen.run().steps().get(0).start();
    Instant asleep = seen.asleep().start().plus(SOON.multipliedBy(4));
    Instant later = seen.asleep().end().orElseThrow().minus(SOON);
    Ledger ledger = new Ledger(account);
    for (Instant at : List.of(before, asleep, later)) {
      ledger.detail(seen.workflow(), seen.instance(), seen.run().asOf(at), at, true);
    }
    RequiredRun run = all(ledger).get(0);
    assertThat(run.asReported()).containsExactly(asleep, later);
    assertThat(agrees(run, asleep)).isTrue();
    assertThat(agrees(run, later)).isTrue();
    assertThat(agrees(run, before)).isFalse();
  }

  private static boolean agrees(RequiredRun run, Instant detailAt) {
    Map<Relation, List<Row>> found = found(List.of(run));
    found.get(Relation.INSTANCES).get(0).with("detail_at", detailAt.toEpochMilli());
    return agreement(LossWindows.NONE, found)
        .agree(run.run().workflow(), run.run().instanceId(), List.of(run));
  }

  private LossWindows loss() {
    LossWindows losses = new LossWindows();
    losses.add(lookedAtEnd, lookedAtEnd.plus(SOON));
    return losses;
  }

  private List<ReportedRun> due(LossWindows losses, Map<Relation, List<Row>> found) {
    return due(delivered, losses, found);
  }

  private static List<ReportedRun> due(
      Ledger ledger, LossWindows losses, Map<Relation, List<Row>> found) {
    return RequiredRuns.of(ledger.served(), losses, agreement(losses, found)).stream()
        .map(RequiredRun::run)
        .toList();
  }

  private static RowAgreement agreement(LossWindows losses, Map<Relation, List<Row>> found) {
    TimeTolerance tolerance = new TimeTolerance(SOON, NOW);
    return new RowAgreement(
        ACCOUNT,
        found,
        tolerance,
        NOW,
        new SampledTransitions(tolerance, losses, new Comparison()));
  }

  private static List<ReportedRun> lives(Ledger ledger) {
    return all(ledger).stream().map(RequiredRun::run).toList();
  }

  private static List<RequiredRun> all(Ledger ledger) {
    return RequiredRuns.of(ledger.served());
  }

  /** The rows that these answers come to. */
  private static Map<Relation, List<Row>> found(Ledger ledger) {
    return found(all(ledger));
  }

  private static Map<Relation, List<Row>> found(List<RequiredRun> runs) {
    List<Row> instances = new ArrayList<>();
    List<Row> transitions = new ArrayList<>();
    for (RequiredRun run : runs) {
      ReportedRun as = run.run();
      Row instance =
          ExpectedRelations.of(ACCOUNT, List.of(as))
              .rows(Relation.INSTANCES)
              .get(0)
              .with("paused_ms", 0L)
              .with(
                  "detail_at",
                  run.details().stream()
                      .reduce((earlier, later) -> later)
                      .map(Instant::toEpochMilli)
                      .orElse(null));
      instances.add(instance);
      List<Row> changes = new ArrayList<>();
      transition(changes, instance, "queued", as.queued());
      transition(changes, instance, "running", as.start().orElseThrow());
      if (as.status().equals("waiting")) {
        transition(changes, instance, "waiting", run.lastSeen().toEpochMilli());
        changes.get(changes.size() - 1).with("at_is_exact", false);
      }
      as.ownEnd().ifPresent(end -> transition(changes, instance, "complete", end));
      transitions.addAll(changes);
    }
    return Map.of(Relation.INSTANCES, instances, Relation.TRANSITIONS, transitions);
  }

  private static void transition(List<Row> sofar, Row instance, String to, long at) {
    Row before = sofar.isEmpty() ? null : sofar.get(sofar.size() - 1);
    Row row = new Row();
    for (String column : List.of("account_id", "workflow", "instance_id", "run")) {
      row.with(column, instance.get(column));
    }
    sofar.add(
        row.with("seq", sofar.size() + 1)
            .with("from_status", before == null ? "" : before.text("to_status"))
            .with("to_status", to)
            .with("at", at)
            .with("at_is_exact", true)
            .with("not_before", at)
            .with("previous_ms", before == null ? 0 : at - before.number("at")));
  }
}
