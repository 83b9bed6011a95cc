package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.model.Attempt;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A day of 2,000 instances: small enough for a test, and everything happens in it. */
class DayTest {
  private static final Instant EVENING = Example.EPOCH.plus(Duration.ofDays(1));

  private static List<Instance> instances(FleetPlan plan) {
    Fleet fleet = new Fleet(plan, WorkflowCatalog.of(plan.lifetime()));
    List<Instance> instances = new ArrayList<>();
    for (int workflow = 0; workflow < fleet.models().size(); workflow++) {
      fleet
          .instances(workflow, EVENING)
          .filter(instance -> instance.createdOn().isAfter(plan.epoch()))
          .forEach(instances::add);
    }
    return instances;
  }

  private static boolean some(List<Instance> instances, Predicate<SimulatedRun> wanted) {
    return instances.stream().flatMap(instance -> instance.runs().stream()).anyMatch(wanted);
  }

  private static boolean someError(List<Instance> instances, String part) {
    return some(
        instances,
        run ->
            run.steps().stream()
                .filter(Step.Do.class::isInstance)
                .flatMap(step -> ((Step.Do) step).attempts().stream())
                .flatMap((Attempt attempt) -> attempt.error().stream())
                .anyMatch(error -> error.message().contains(part)));
  }

  private static boolean rolledBack(SimulatedRun run, boolean failed) {
    return run.rollback().filter(undone -> undone.error().isPresent() == failed).isPresent();
  }

  private static boolean waits(SimulatedRun run, Duration longer) {
    return run.start().filter(start -> start.isAfter(run.queued().plus(longer))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 42, 4711, -9})
  void everythingThatCanHappenHappens(long seed) {
    List<Instance> day = instances(FleetPlan.day(seed, Example.EPOCH, 2_000));
    assertThat(day).hasSizeBetween(1_800, 2_200);
    assertThat(day).as("restarted").anyMatch(instance -> instance.runs().size() > 1);
    assertThat(some(day, run -> run.ends().size() > 1)).as("restarted from a step").isTrue();
    assertThat(some(day, run -> run.supersededAt().isPresent())).as("superseded").isTrue();
    for (SimulatedStatus status : SimulatedStatus.values()) {
      assertThat(some(day, run -> run.statuses().stream().anyMatch(s -> s.status() == status)))
          .as("in status %s", status)
          .isTrue();
    }
    assertThat(some(day, run -> rolledBack(run, false))).as("rolled back").isTrue();
    assertThat(some(day, run -> rolledBack(run, true))).as("not rolled back").isTrue();
    assertThat(some(day, run -> run.version().degraded())).as("bad deploy").isTrue();
    assertThat(some(day, run -> waits(run, Duration.ofMinutes(10)))).as("backlog").isTrue();
    assertThat(
            some(
                day,
                run ->
                    run.end().isPresent()
                        && run.end().get().isAfter(run.queued().plus(Duration.ofHours(5)))))
        .as("long sleeper")
        .isTrue();
    for (String canary :
        List.of(
            ErrorCanaries.EMAIL, ErrorCanaries.UUID, ErrorCanaries.NUMBER, ErrorCanaries.TOKEN)) {
      assertThat(someError(day, canary)).as(canary).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 42, 4711, -9})
  void anOutageExhaustsRetries(long seed) {
    FleetPlan plan = FleetPlan.day(seed, Example.EPOCH, 40_000);
    long eventful = exhaustedByOutage(instances(plan));
    assertThat(eventful).isGreaterThan(10);
    assertThat(exhaustedByOutage(instances(plan.withEvents(false)))).isZero();
  }

  private static long exhaustedByOutage(List<Instance> instances) {
    List<String> outages =
        List.of(
            "ETIMEDOUT",
            "read-only",
            "no route to acquirer",
            "cdn-origin",
            "storage operation exceeded",
            "ECONNRESET",
            "HttpError: upstream answered 503");
    return instances.stream()
        .flatMap(instance -> instance.runs().stream())
        .flatMap(run -> run.steps().stream())
        .filter(Step.Do.class::isInstance)
        .map(Step.Do.class::cast)
        .filter(work -> work.attempts().size() == work.config().limit() + 1)
        .filter(
            work ->
                work.attempts().stream()
                    .allMatch(
                        attempt ->
                            attempt.error().stream()
                                .anyMatch(
                                    error -> outages.stream().anyMatch(error.message()::contains))))
        .count();
  }
}
