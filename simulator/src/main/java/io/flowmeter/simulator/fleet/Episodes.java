package io.flowmeter.simulator.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Times of trouble: the time from the epoch on is cut into periods, and each has one episode, in
 * one workflow; over seven periods each of seven workflows has its own.
 *
 * @param key tells one kind of episodes from another
 * @param period of one episode
 * @param shortest how long an episode lasts at least
 * @param longest how long an episode lasts at most
 */
record Episodes(
    FleetPlan plan, int workflows, int key, Duration period, Duration shortest, Duration longest) {
  /** From one period to the next; shares no divisor with seven. */
  private static final int STRIDE = 3;

  /**
   * From {@code from}, included, to {@code to}, excluded, in epoch milliseconds.
   *
   * @param workflow the one it hits
   */
  record Episode(int workflow, long from, long to) {}

  /** The last episode that began at or before this moment in the workflow's own or last period. */
  Optional<Episode> startedBy(int workflow, long ms) {
    long period = Math.floorDiv(ms - plan.epoch().toEpochMilli(), period().toMillis());
    for (long number = period; number > period - 2; number--) {
      Episode episode = episode(number);
      if (episode.workflow() == workflow && episode.from() <= ms) {
        return Optional.of(episode);
      }
    }
    return Optional.empty();
  }

  /** All that hit the workflow since the epoch and began until this moment. */
  List<Episode> of(int workflow, Instant until) {
    long last =
        Math.floorDiv(until.toEpochMilli() - plan.epoch().toEpochMilli(), period().toMillis());
    return LongStream.rangeClosed(0, last)
        .mapToObj(this::episode)
        .filter(episode -> episode.workflow() == workflow)
        .filter(episode -> episode.from() <= until.toEpochMilli())
        .toList();
  }

  private Episode episode(long number) {
    SeededRandom random = SeededRandom.of(plan.seed(), key, number, 40);
    long first = SeededRandom.of(plan.seed(), key, 41).between(0, workflows - 1);
    long lasts = random.between(shortest.toMillis(), longest.toMillis());
    // The epoch is quiet for a tenth of a period, so that there is a baseline.
    long after = random.between(period.toMillis() / 10, period.toMillis() - lasts);
    long from = plan.epoch().toEpochMilli() + number * period.toMillis() + after;
    int workflow = (int) Math.floorMod(first + number * STRIDE, (long) workflows);
    return new Episode(workflow, from, from + lasts);
  }
}
