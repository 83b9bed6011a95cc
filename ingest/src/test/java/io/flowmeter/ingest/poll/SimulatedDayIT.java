package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.telemetry.LossReason;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fault.InjectedFault;
import io.flowmeter.simulator.fleet.FleetPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The planner under production's limit, against a fleet that moves; in stepped time. */
class SimulatedDayIT {
  private static FleetPlan fleet(double finishing) {
    return FleetPlan.brisk(7, SimulatedDay.EPOCH, finishing).withHistory(300);
  }

  private static String run(Observation observation) {
    return observation.getWorkflow()
        + "/"
        + observation.getInstanceId()
        + "#"
        + observation.getRun();
  }

  private static String end(Observation observation) {
    return run(observation) + "@" + observation.getDetail().getEnd();
  }

  /** How often the end of each run was told with its whole detail. */
  private static Map<String, Long> ends(RecordingSink recorded) {
    return recorded.observations().stream()
        .filter(each -> each.getDetail() != null && each.getDetail().getWhole())
        .filter(each -> each.getDetail().getPart() == 0)
        .collect(Collectors.groupingBy(SimulatedDayIT::end, Collectors.counting()));
  }

  @Test
  void whatFitsTheBudgetIsFetchedWholeAndOnceOverARestart() throws Exception {
    RecordingSink recorded = new RecordingSink();
    try (SimulatedDay day = new SimulatedDay(SimulatorConfig.of(fleet(1)), recorded)) {
      day.run(Duration.ofMinutes(10));
      day.restart();
      day.run(Duration.ofMinutes(15));
      assertThat(ends(recorded)).hasSizeGreaterThan(500);
      assertThat(ends(recorded).values()).containsOnly(1L);
      assertThat(day.totals().rateLimited()).isZero();
      assertThat(day.totals().lost().get(LossReason.SAMPLED_OUT)).isZero();
      assertThat(day.poller().planning().backfill().done()).isEqualTo(1);
      assertThat(day.poller().planning().interval()).isBetween(Duration.ofSeconds(10), Pacing.AIM);
    }
  }

  @Test
  void aListWithoutCountsMakesNoRunsSampledWhereAllCanBeFetched() throws Exception {
    RecordingSink recorded = new RecordingSink();
    FleetPlan known = fleet(1).withHistory(5_000);
    try (SimulatedDay day = new SimulatedDay(SimulatorConfig.of(known), recorded)) {
      day.run(Duration.ofMinutes(10));
      day.simulator()
          .faults()
          .next(
              target -> target.contains("/workflows?"),
              InjectedFault.edit(workflow -> workflow.remove("instances")));
      day.run(Duration.ofMinutes(5));
      assertThat(day.simulator().faults().pending()).isZero();
      assertThat(day.totals().lost().get(LossReason.SAMPLED_OUT)).isZero();
    }
  }

  @Test
  void whereTheBudgetCannotSufficeRunsAreSampledAndTheBudgetIsUsed() throws Exception {
    RecordingSink recorded = new RecordingSink();
    try (SimulatedDay day = new SimulatedDay(SimulatorConfig.of(fleet(20)), recorded)) {
      day.run(Duration.ofMinutes(10));
      long before = day.totals().requests();
      day.run(Duration.ofMinutes(20));
      double perSecond = (day.totals().requests() - before) / 1_200.0;
      PollPlan plan = day.poller().planning();
      assertThat(perSecond / plan.requestsPerSecond()).isGreaterThan(0.95);
      assertThat(day.totals().rateLimited()).isZero();
      assertThat(plan.sampling()).isGreaterThan(1);
      assertThat(plan.listRequests()).isLessThan((long) (1.25 * plan.listBound()));
      assertThat(ends(recorded).values()).containsOnly(1L);
      Set<String> completed =
          recorded.observations().stream()
              .filter(each -> each.getRow() != null && each.getRow().getStatus().equals("complete"))
              .map(SimulatedDayIT::run)
              .collect(Collectors.toSet());
      // One that was drawn when it completed, and was re-opened, keeps its weight.
      List<Long> weights =
          recorded.observations().stream()
              .filter(each -> each.getDetail() != null && each.getDetail().getWhole())
              .filter(each -> !each.getDetail().getStatus().equals("complete"))
              .filter(each -> !completed.contains(run(each)))
              .map(each -> each.getDetail().getWeight())
              .distinct()
              .toList();
      assertThat(weights).as("weights of errored and terminated runs").containsExactly(1L);
      assertThatWeightsSumUp(recorded);
    }
  }

  /** What the drawn runs stand for is as many as completed, but for what chance does. */
  private static void assertThatWeightsSumUp(RecordingSink recorded) {
    List<Long> weights =
        recorded.stored().checkpoints().stream()
            .filter(each -> each.getStatus().equals("complete") && each.getWeight() != null)
            .map(Checkpoint::getWeight)
            .toList();
    double sum = weights.stream().mapToLong(weight -> weight).sum();
    double variance = weights.stream().mapToDouble(weight -> weight * (weight - 1.0)).sum();
    assertThat(weights).contains(0L);
    assertThat(Math.abs(sum - weights.size())).isLessThan(4 * Math.sqrt(variance));
  }
}
