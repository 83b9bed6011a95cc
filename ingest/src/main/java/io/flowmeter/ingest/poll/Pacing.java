package io.flowmeter.ingest.poll;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long the interval is and how many completed runs are fetched, so that what is asked for fits
 * the budget. Rates are means that forget by halves. Used under the planner's lock.
 *
 * <p>With {@code B} requests a second, {@code P} pages a list of everything takes and {@code D}
 * details a second, what fits is {@code P ÷ I + D ≤ 0.9 B}; the tenth that is left is for details
 * of live runs. So the shortest interval is {@code P ÷ (0.9 B − D)}. Where that is longer than the
 * aim of 120 s, runs are sampled; where lists alone would take over half of the budget then, the
 * interval grows until they take half.
 */
final class Pacing {
  static final Duration AIM = Duration.ofSeconds(120);
  private static final double FOR_ENDED_AND_LISTS = 0.9;
  private static final double MOST_FOR_LISTS = 0.5;

  /** While there is a backfill, it gets so much of the budget even where runs are sampled. */
  static final double FOR_BACKFILL = 0.05;

  private static final Duration HALF_LIFE = Duration.ofSeconds(180);

  /**
   * Of an interval's details so many are to wait when it begins, so that no permit is idle though
   * {@code k} is a whole number. They add as much of an interval to the age at which runs are told.
   */
  private static final double STANDING = 0.03;

  private static final double LEAST_DRAWN = 0.1;

  private final Duration least;
  private final Map<KnownWorkflow, Double> drawable = new HashMap<>();
  private double others;
  private double pages;
  private Duration interval;
  private String reason = "nothing is known yet";
  private boolean started;

  Pacing(Duration least) {
    this.least = least;
    this.interval = least;
  }

  Duration interval() {
    return interval;
  }

  String reason() {
    return reason;
  }

  double endedPerSecond() {
    return others + drawable.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  boolean samples() {
    return drawable.keySet().stream().anyMatch(workflow -> workflow.stratum.k() > 1);
  }

  /** Share of the permits that lists may take while details wait, too. */
  double listShare(double perSecond) {
    double needed = pages / Math.max(1e-9, perSecond * seconds(interval));
    return Math.min(1, Math.max(0.5, 2 * needed));
  }

  /**
   * An interval is over.
   *
   * @param lasted how long it was
   * @param perSecond requests that the budget grants
   * @param listRequests that it took to read the lists
   * @param owed details that wait
   * @param backfills there is a backfill to go on with
   */
  void over(
      Duration lasted,
      double perSecond,
      long listRequests,
      long owed,
      boolean backfills,
      Collection<KnownWorkflow> workflows) {
    drawable.keySet().retainAll(workflows);
    double seconds = Math.max(0.001, seconds(lasted));
    double share = started ? 1 - Math.pow(0.5, seconds / seconds(HALF_LIFE)) : 1;
    long other = 0;
    for (KnownWorkflow workflow : workflows) {
      Stratum.Ended ended = workflow.stratum.drain();
      other += ended.others();
      drawable.merge(workflow, ended.drawable() / seconds, (old, now) -> old + share * (now - old));
    }
    others += share * (other / seconds - others);
    pages += (started ? Math.max(share, 0.5) : 1) * (listRequests - pages);
    started = true;
    choose(perSecond, owed, backfills);
  }

  private void choose(double perSecond, long owed, boolean backfills) {
    if (Double.isInfinite(perSecond)) {
      interval = least;
      reason = "nothing limits the requests";
      return;
    }
    double details = endedPerSecond();
    double granted = FOR_ENDED_AND_LISTS * perSecond;
    double shortest = granted > details ? pages / (granted - details) : Double.POSITIVE_INFINITY;
    boolean fits = shortest <= seconds(AIM);
    double chosen = fits ? shortest : Math.max(seconds(AIM), pages / (MOST_FOR_LISTS * perSecond));
    interval = longer(least, Duration.ofMillis((long) (1_000 * chosen)));
    reason =
        String.format(
            Locale.ROOT,
            "lists take %.0f requests, ended runs %.1f/s of %.1f/s",
            pages,
            details,
            perSecond);
    if (fits && interval.compareTo(AIM) <= 0 && owed < granted * seconds(AIM)) {
      drawable.keySet().forEach(workflow -> workflow.stratum.sampleOneOf(1));
    } else {
      sample(granted - (backfills ? FOR_BACKFILL * perSecond : 0), owed);
    }
  }

  /**
   * Gives every workflow the same number of details a second, as far as it has so many runs, and
   * what one does not need to the others.
   */
  private void sample(double granted, long owed) {
    double seconds = seconds(interval);
    double room = granted - pages / seconds - others;
    double standing = STANDING * Math.max(0, room) * seconds;
    double left = Math.max(LEAST_DRAWN * granted, room + (standing - owed) / seconds);
    List<Map.Entry<KnownWorkflow, Double>> byRate =
        drawable.entrySet().stream()
            .sorted(
                Map.Entry.<KnownWorkflow, Double>comparingByValue()
                    .thenComparing(each -> each.getKey().name(), Comparator.naturalOrder()))
            .toList();
    int waiting = byRate.size();
    for (Map.Entry<KnownWorkflow, Double> each : byRate) {
      double rate = each.getValue();
      double fair = left / waiting--;
      long k = Math.max(1, Math.round(rate / Math.max(1e-9, fair)));
      each.getKey().stratum.sampleOneOf(k);
      left = Math.max(0, left - rate / k);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
