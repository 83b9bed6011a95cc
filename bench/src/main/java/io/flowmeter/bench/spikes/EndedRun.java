package io.flowmeter.bench.spikes;

import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * That a run ended, or that it left its end again.
 *
 * @param knownMs when it can be known, in epoch milliseconds
 * @param endMs when the run ended, in epoch milliseconds
 * @param count 1, or −1 where it left its end
 */
record EndedRun(long knownMs, long endMs, String version, boolean errored, int count) {

  /** What can be known of a workflow's ended runs until a moment, in that order. */
  static List<EndedRun> of(Fleet fleet, int workflow, Instant until) {
    List<EndedRun> runs = new ArrayList<>();
    fleet
        .instances(workflow, until)
        .map(Instance::runs)
        .forEach(simulatedRuns -> simulatedRuns.forEach(simulatedRun -> add(simulatedRun, runs)));
    runs.removeIf(run -> run.knownMs() > until.toEpochMilli());
    runs.sort(Comparator.comparing(EndedRun::knownMs));
    return runs;
  }

  private static void add(SimulatedRun run, List<EndedRun> runs) {
    run.reopened()
        .ifPresent(
            again -> {
              add(again.before(), runs);
              count(again.before(), again.at().toEpochMilli(), -1, runs);
            });
    run.end().ifPresent(end -> count(run, end.toEpochMilli(), 1, runs));
  }

  private static void count(SimulatedRun run, long knownMs, int count, List<EndedRun> runs) {
    boolean errored = run.status() == SimulatedStatus.ERRORED;
    if (run.end().isPresent() && (errored || run.status() == SimulatedStatus.COMPLETE)) {
      long endMs = run.end().get().toEpochMilli();
      runs.add(new EndedRun(knownMs, endMs, run.version().id(), errored, count));
    }
  }
}
