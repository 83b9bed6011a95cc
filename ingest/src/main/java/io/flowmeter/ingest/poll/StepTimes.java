package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.StepNames;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.WorkflowState.Doing;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.schemas.observation.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long steps take, as far as fetched details told: mean and spread of the logarithm of each
 * step's time, of which a log-normal p99 follows. Good enough to choose whom to look at, and for
 * nothing else. Used under the planner's lock.
 */
final class StepTimes {
  private static final int MOST_STEPS = 10_000;
  private static final double OLD = 0.98;
  private static final double P99 = 2.326;
  private static final int ENOUGH = 50;

  private final Map<String, Spread> spreads =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Spread> eldest) {
          return size() > MOST_STEPS;
        }
      };

  private static final class Spread {
    private int count;
    private double mean;
    private double variance;

    void add(double value) {
      double share = Math.max(1 - OLD, 1.0 / ++count);
      double off = value - mean;
      mean += share * off;
      variance = (1 - share) * (variance + share * off * off);
    }
  }

  void learn(
      WorkflowState workflow,
      String id,
      TrackedInstance tracked,
      ApiResponse<InstanceDetail> detail) {
    detail.value().steps().stream()
        .filter(step -> step.getStart() != null && step.getEnd() != null)
        .forEach(
            step ->
                spreads
                    .computeIfAbsent(name(workflow, step), any -> new Spread())
                    .add(log(Duration.between(step.getStart(), step.getEnd()))));
    if (!tracked.live()) {
      workflow.doing.remove(id);
      return;
    }
    Optional<Step> current =
        detail.value().steps().stream()
            .filter(step -> step.getStart() != null && step.getEnd() == null)
            .max(Comparator.comparing(Step::getStart));
    if (current.isPresent()) {
      workflow.doing.put(id, new Doing(name(workflow, current.get()), current.get().getStart()));
    } else {
      workflow.doing.remove(id);
    }
  }

  private static String name(WorkflowState workflow, Step step) {
    return workflow.name() + "/" + step.getType() + "/" + StepNames.step(step);
  }

  private static double log(Duration time) {
    return Math.log(1 + Math.max(0, time.toMillis()));
  }

  /** How many times its step's p99 an instance has been at it; 0 where too little is known. */
  double beyond(Doing doing, Instant now) {
    Spread spread = spreads.get(doing.step());
    if (spread == null || spread.count < ENOUGH) {
      return 0;
    }
    double p99 = Math.exp(spread.mean + P99 * Math.sqrt(spread.variance));
    return Math.max(0, Duration.between(doing.since(), now).toMillis()) / p99;
  }
}
