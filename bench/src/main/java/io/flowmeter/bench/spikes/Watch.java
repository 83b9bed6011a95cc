package io.flowmeter.bench.spikes;

import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.state.EndedMinute;
import io.flowmeter.streams.spike.SpikeDetector;
import io.flowmeter.streams.spike.SpikeRules;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The detector over one workflow, which gets to know of ended runs by sweeps. */
final class Watch {
  /** What ended less long before a sweep's end was not in its lists yet. */
  private static final long LATENCY_MS = 1_000;

  private Watch() {}

  /**
   * A spike as it was told last.
   *
   * @param publishedAt when it was told first
   */
  record Told(Instant publishedAt, ErrorSpike spike) {}

  /**
   * Sweeps from one moment to another.
   *
   * @return the spikes by when they were told
   */
  static List<Told> over(
      List<EndedRun> runs, Instant from, Instant until, Duration interval, SpikeRules rules) {
    SpikeDetector detector = SpikeDetector.fresh(rules);
    Map<Instant, Told> told = new LinkedHashMap<>();
    int next = 0;
    for (Instant sweep = from; !sweep.isAfter(until); sweep = sweep.plus(interval)) {
      long known = sweep.toEpochMilli() - LATENCY_MS;
      while (next < runs.size() && runs.get(next).knownMs() <= known) {
        detector.ended(minute(runs.get(next++)));
      }
      Instant at = sweep;
      for (ErrorSpike spike : detector.stepTo(sweep)) {
        told.merge(
            spike.getOpenedAt(),
            new Told(at, spike),
            (first, again) -> new Told(first.publishedAt(), again.spike()));
      }
    }
    return List.copyOf(told.values());
  }

  static EndedMinute minute(EndedRun run) {
    return new EndedMinute(
        Instant.ofEpochMilli(run.endMs()).truncatedTo(ChronoUnit.MINUTES),
        run.version(),
        (long) run.count(),
        run.errored() ? (long) run.count() : 0L,
        Map.of());
  }
}
