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
 * interval grows until they take half. Ten minutes is the most: lists that take longer go on over
 * several intervals and half of the budget, so that small workflows do not wait for large ones.
 */
final class Pacing {
  static final Duration AIM = Duration.ofSeconds(120);
  static final Duration LONGEST = Duration.ofMinutes(10);
  private static final double FOR_ENDED_AND_LISTS = 0.9;
  private static final double MOST_FOR_LISTS = 0.5;
  private static final double LEAST_FOR_LISTS = 0.1;

  /** While there is a backfill, it gets so much of the budget even where runs are sampled. */
  static final double FOR_BACKFILL = 0.05;

  private static final Duration HALF_LIFE = Duration.ofSeconds(180);

  /**
   * Of an interval's details so many are to wait when it begins, so that no permit is idle though
   * {@code k} is a whole number. They add as much of an interval to the age at which runs are told.
   */
  private static final double STANDING = 0.03;

  private static final double LEAST_DRAWN = 0.1;

  private static final double MOST_LEFT_OVER = 0.2;

  /** The interval of one sampling to the next grows by so much at most. */
  private static final double GROWS = 1.5;

  /**
   * So much less of what lists took at most counts at each interval: a large workflow is read whole
   * in one, and hardly in the next.
   */
  private static final double FEWER_PAGES = 0.15;

  /** From one interval to the next it shrinks by so much at most. */
  private static final double SHRINKS = 1.1;

  private final Duration least;
  private final Map<WorkflowState, Double> drawable = new HashMap<>();
  private double others;
  private double pages;
  private double mostPages;
  private double lookedPerSecond;

  /** Details that there was room for in each interval, and too few runs were drawn for. */
  private double leftOver;

  private Duration interval;
  private String reason = "nothing is known yet";
  private boolean started;

  /** Seconds of which the rates are known. */
  private double learned;

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
    return drawable.keySet().stream().anyMatch(workflow -> workflow.sampler.k() > 1);
  }

  /** Share of the permits that lists may take while details wait, too. */
  double listShare(double perSecond) {
    double needed = pages / Math.max(1e-9, perSecond * seconds(interval));
    return takesLong(perSecond) ? MOST_FOR_LISTS : Math.min(1, Math.max(0.5, 2 * needed));
  }

  /** Half of the longest interval's requests do not suffice for the lists. */
  private boolean takesLong(double perSecond) {
    return halfOfBudget(perSecond) > seconds(longer(least, LONGEST));
  }

  /**
   * An interval is over.
   *
   * @param lasted how long it was
   * @param perSecond requests that the budget grants
   * @param listRequests that it took to read the lists, with those that sweeps have yet to make
   * @param looks details of live runs that were looked at
   * @param owed details that wait
   * @param backfills there is a backfill to go on with
   */
  void over(
      Duration lasted,
      double perSecond,
      long listRequests,
      long looks,
      long owed,
      boolean backfills,
      Collection<WorkflowState> workflows) {
    drawable.keySet().retainAll(workflows);
    double seconds = Math.max(0.001, seconds(lasted));
    if (started) {
      learn(seconds, workflows);
    }
    pages += (started ? 0.5 : 1) * (listRequests - pages);
    mostPages = Math.max(pages, mostPages + FEWER_PAGES * (listRequests - mostPages));
    started = true;
    lookedPerSecond = Math.min(looks / seconds, (1 - FOR_ENDED_AND_LISTS) * perSecond);
    choose(perSecond, seconds, owed, backfills);
  }

  /**
   * Means of all that was seen, until that is longer than what they remember. The counts tell of
   * ends before any row does, and rows where old ones that go lower the counts.
   */
  private void learn(double seconds, Collection<WorkflowState> workflows) {
    learned += seconds;
    double share = Math.max(seconds / learned, 1 - Math.pow(0.5, seconds / seconds(HALF_LIFE)));
    long other = 0;
    for (WorkflowState workflow : workflows) {
      CompletionSampler.Ended seen = workflow.sampler.drain();
      CompletionSampler.Ended coming = workflow.sampler.coming();
      other += Math.max(seen.others(), coming.others());
      double rate = Math.max(seen.drawable(), coming.drawable()) / seconds;
      drawable.merge(workflow, rate, (old, now) -> old + share * (now - old));
    }
    others += share * (other / seconds - others);
  }

  private void choose(double perSecond, double lasted, long owed, boolean backfills) {
    if (Double.isInfinite(perSecond)) {
      interval = least;
      reason = "nothing limits the requests";
      return;
    }
    double details = endedPerSecond();
    double granted = FOR_ENDED_AND_LISTS * perSecond;
    double shortest = granted > details ? pages / (granted - details) : Double.POSITIVE_INFINITY;
    boolean fits = Math.max(shortest, halfOfBudget(perSecond)) <= seconds(AIM);
    // What ended in a longer one is told in the shorter.
    double chosen = Math.max(fits ? shortest : sampling(perSecond), seconds(interval) / SHRINKS);
    chosen = Math.min(chosen, seconds(LONGEST));
    interval = longer(least, Duration.ofMillis((long) (1_000 * chosen)));
    reason =
        String.format(
            Locale.ROOT,
            "lists take %.0f requests, ended runs %.1f/s of %.1f/s%s",
            pages,
            details,
            perSecond,
            takesLong(perSecond) ? "; large workflows are read over several intervals" : "");
    if (fits && interval.compareTo(AIM) <= 0 && owed < granted * seconds(AIM)) {
      drawable.keySet().forEach(workflow -> workflow.sampler.sampleOneOf(1));
    } else {
      double past = backfills ? FOR_BACKFILL * perSecond : 0;
      sample(perSecond, perSecond - lookedPerSecond - past, lasted, owed);
    }
  }

  /**
   * The interval where runs are sampled. Lists take half at most, and leave room for what is
   * fetched in any case: the longer the interval, the more runs end between two lists of the
   * newest, and the fewer are known by their absence alone, whose details cannot be left out. For
   * these it grows only as far as an error may wait to be seen.
   */
  private double sampling(double perSecond) {
    double left = (1 - LEAST_DRAWN) * perSecond - lookedPerSecond - others;
    double roomy = pages / Math.max(LEAST_FOR_LISTS * perSecond, left);
    double wanted =
        Math.max(
            halfOfBudget(perSecond), Math.max(seconds(AIM), Math.min(seconds(LONGEST), roomy)));
    return Math.min(wanted, GROWS * Math.max(seconds(AIM), seconds(interval)));
  }

  /** The interval of which lists take half of the budget, in seconds. */
  private double halfOfBudget(double perSecond) {
    return mostPages / (MOST_FOR_LISTS * perSecond);
  }

  /**
   * Gives every workflow the same number of details until the next list, as far as it has so many
   * runs, and what one does not need to the others. So many runs are to be drawn from as ended
   * since the last list, which the counts tell before any row does.
   */
  private void sample(double perSecond, double granted, double lasted, long owed) {
    double seconds = seconds(interval);
    double all = granted * seconds;
    double room = all - Math.min(pages, MOST_FOR_LISTS * perSecond * seconds) - others * lasted;
    double more = STANDING * Math.max(0, room) - owed;
    leftOver = Math.max(0, Math.min(MOST_LEFT_OVER * all, leftOver + more));
    double left = Math.max(LEAST_DRAWN * all, room + more + leftOver);
    Map<WorkflowState, Double> coming = new HashMap<>();
    drawable.forEach(
        (workflow, rate) ->
            coming.put(workflow, Math.max(rate * lasted, workflow.sampler.coming().drawable())));
    List<Map.Entry<WorkflowState, Double>> fewestFirst =
        coming.entrySet().stream()
            .sorted(
                Map.Entry.<WorkflowState, Double>comparingByValue()
                    .thenComparing(each -> each.getKey().name(), Comparator.naturalOrder()))
            .toList();
    int waiting = fewestFirst.size();
    for (Map.Entry<WorkflowState, Double> each : fewestFirst) {
      double runs = each.getValue();
      double fair = left / waiting--;
      long k = Math.max(1, Math.round(runs / Math.max(1e-9, fair)));
      each.getKey().sampler.sampleOneOf(k);
      left = Math.max(0, left - runs / k);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
