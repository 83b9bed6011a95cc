package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.fleet.Episodes.Episode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What goes on around a workflow: three times a day, a service that some workflow calls is down for
 * 10 to 40 minutes; twice a day, the slots of some workflow are taken for an hour or two and its
 * queue grows.
 */
final class IncidentProfile {
  /** Nothing ever happens. */
  static final IncidentProfile CALM = new IncidentProfile(0, Optional.empty(), Optional.empty());

  /** How much longer an instance waits for its slot, for each millisecond that a backlog grows. */
  private static final double GROWTH = 0.5;

  private final int workflow;
  private final Optional<Episodes> outages;
  private final Optional<Episodes> backlogs;

  private IncidentProfile(int workflow, Optional<Episodes> outages, Optional<Episodes> backlogs) {
    this.workflow = workflow;
    this.outages = outages;
    this.backlogs = backlogs;
  }

  /** The weather of one of so many workflows. */
  static IncidentProfile of(FleetPlan plan, int workflow, int workflows) {
    if (!plan.events()) {
      return CALM;
    }
    Episodes outages =
        new Episodes(
            plan,
            workflows,
            1,
            Duration.ofHours(8),
            Duration.ofMinutes(10),
            Duration.ofMinutes(40));
    Episodes backlogs =
        new Episodes(
            plan, workflows, 2, Duration.ofHours(12), Duration.ofMinutes(60), Duration.ofHours(2));
    return new IncidentProfile(workflow, Optional.of(outages), Optional.of(backlogs));
  }

  /** Whether the service that the workflow calls is down at this moment, in epoch milliseconds. */
  boolean isDown(long ms) {
    return outages
        .flatMap(episodes -> episodes.startedBy(workflow, ms))
        .filter(outage -> ms < outage.to())
        .isPresent();
  }

  /** The outages of the workflow since the epoch, begun until this moment. */
  List<ErrorBurst> outages(Instant until) {
    return outages.map(episodes -> episodes.of(workflow, until)).orElse(List.of()).stream()
        .map(
            outage ->
                new ErrorBurst(
                    ErrorBurst.Kind.OUTAGE,
                    Instant.ofEpochMilli(outage.from()),
                    Instant.ofEpochMilli(outage.to())))
        .toList();
  }

  /**
   * How much longer than usual an instance queued at this moment waits for its slot, in
   * milliseconds: more and more while the backlog grows, less and less when it drains, and never so
   * that it overtakes another.
   */
  long queuesLonger(long ms) {
    Optional<Episode> backlog = backlogs.flatMap(episodes -> episodes.startedBy(workflow, ms));
    if (backlog.isEmpty()) {
      return 0;
    }
    long grew = Math.min(ms, backlog.get().to()) - backlog.get().from();
    long drained = Math.max(0, ms - backlog.get().to());
    return (long) Math.max(0, GROWTH * (grew - drained));
  }
}
