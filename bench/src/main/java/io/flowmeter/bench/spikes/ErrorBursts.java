package io.flowmeter.bench.spikes;

import io.flowmeter.bench.Figure;
import io.flowmeter.bench.spikes.SpikeBenchmark.Watched;
import io.flowmeter.bench.spikes.Watch.Told;
import io.flowmeter.simulator.fleet.ErrorBurst;
import io.flowmeter.streams.spike.SpikeRules;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** What was found of what happened on eventful days. */
record ErrorBursts(Duration interval, List<Watched> watched) {
  /** Runs that a storm made err end up to this much later. */
  private static final Duration AFTERMATH = Duration.ofMinutes(30);

  private static final SpikeRules RULES = SpikeRules.DEFAULTS;

  void report(String prefix, List<Figure> figures) {
    if (watched.isEmpty()) {
      return;
    }
    outages(prefix + "outages.", figures);
    deploys(prefix + "deploys.", figures);
    long other = 0;
    double weeks = 0;
    for (Watched each : watched) {
      weeks += each.time().toHours() / 168.0;
      other += each.told().stream().filter(told -> !isOfBurst(each, told)).count();
    }
    figures.add(
        new Figure(prefix + "other.spikes_of_100_workflows", 100 * other / weeks, "alarms/week"));
  }

  private static boolean isOfBurst(Watched each, Told told) {
    Instant opened = told.spike().getOpenedAt();
    return each.storms().stream()
        .anyMatch(
            burst ->
                !opened.isBefore(burst.from().minus(Duration.ofMinutes(1)))
                    && opened.isBefore(burst.to().plus(Duration.ofHours(1))));
  }

  private void outages(String prefix, List<Figure> figures) {
    long count = 0;
    long erring = 0;
    long erringFound = 0;
    long overFloor = 0;
    long overFloorFound = 0;
    long promised = 0;
    long spikes = 0;
    List<Double> fromFirst = new ArrayList<>();
    List<Double> fromBegin = new ArrayList<>();
    for (Watched each : watched) {
      for (ErrorBurst burst : each.storms()) {
        if (burst.kind() != ErrorBurst.Kind.OUTAGE || isOverlapped(each, burst)) {
          continue;
        }
        count++;
        TreeMap<Instant, Long> errored = errored(each, burst);
        if (sum(errored) < RULES.leastErrored()) {
          continue;
        }
        erring++;
        Optional<Told> found = found(each, burst);
        spikes += each.told().stream().filter(told -> isDuring(told, burst)).count();
        erringFound += found.isPresent() ? 1 : 0;
        found.ifPresent(told -> fromBegin.add(seconds(burst.from(), told.publishedAt())));
        Optional<Instant> first = firstMinute(errored);
        if (first.isPresent()) {
          overFloor++;
          overFloorFound += found.isPresent() ? 1 : 0;
          if (found.isPresent()) {
            double delay = seconds(first.get(), found.get().publishedAt());
            fromFirst.add(delay);
            promised += delay <= 120 + interval.toSeconds() ? 1 : 0;
          }
        }
      }
    }
    figures.add(new Figure(prefix + "count", count, "outages"));
    figures.add(new Figure(prefix + "erring", erring, "outages"));
    figures.add(new Figure(prefix + "erring.found", (double) erringFound / erring, "ratio"));
    figures.add(new Figure(prefix + "erring.spikes_each", (double) spikes / erringFound, "ratio"));
    figures.add(new Figure(prefix + "over_floor", overFloor, "outages"));
    figures.add(
        new Figure(prefix + "over_floor.found", (double) overFloorFound / overFloor, "ratio"));
    figures.add(new Figure(prefix + "over_floor.promised", (double) promised / overFloor, "ratio"));
    quantiles(prefix + "over_floor.from_first_minute.", fromFirst, figures);
    quantiles(prefix + "erring.from_begin.", fromBegin, figures);
  }

  private void deploys(String prefix, List<Figure> figures) {
    long count = 0;
    long raised = 0;
    long found = 0;
    List<Double> fromBegin = new ArrayList<>();
    for (Watched each : watched) {
      double usual = usual(each);
      for (ErrorBurst burst : each.storms()) {
        if (burst.kind() != ErrorBurst.Kind.BAD_DEPLOY || isOverlapped(each, burst)) {
          continue;
        }
        count++;
        long finished = 0;
        long errored = 0;
        for (EndedRun run : each.runs()) {
          if (isWithin(run, burst.from(), burst.to())) {
            finished += run.count();
            errored += run.errored() ? run.count() : 0;
          }
        }
        double share = (double) errored / finished;
        if (errored >= RULES.leastErrored()
            && share >= RULES.leastRatio() * usual
            && share >= usual + RULES.leastRise()) {
          raised++;
          Optional<Told> told = found(each, burst);
          found += told.isPresent() ? 1 : 0;
          told.ifPresent(first -> fromBegin.add(seconds(burst.from(), first.publishedAt())));
        }
      }
    }
    figures.add(new Figure(prefix + "count", count, "deploys"));
    figures.add(new Figure(prefix + "raised", raised, "deploys"));
    figures.add(new Figure(prefix + "raised.found", (double) found / raised, "ratio"));
    quantiles(prefix + "raised.from_begin.", fromBegin, figures);
  }

  /** The errored share outside of storms. */
  private static double usual(Watched each) {
    long finished = 0;
    long errored = 0;
    for (EndedRun run : each.runs()) {
      if (each.storms().stream()
          .noneMatch(burst -> isWithin(run, burst.from(), burst.to().plus(AFTERMATH)))) {
        finished += run.count();
        errored += run.errored() ? run.count() : 0;
      }
    }
    return (double) errored / Math.max(1, finished);
  }

  /** Another storm was on when it began, or a spike was open. */
  private static boolean isOverlapped(Watched each, ErrorBurst burst) {
    boolean inAnother =
        each.storms().stream()
            .anyMatch(
                other ->
                    !other.equals(burst)
                        && other.from().isBefore(burst.to())
                        && burst.from().isBefore(other.to().plus(AFTERMATH)));
    return inAnother
        || each.told().stream()
            .anyMatch(
                told ->
                    told.publishedAt().isBefore(burst.from())
                        && (told.spike().getClosedAt() == null
                            || told.spike().getClosedAt().isAfter(burst.from())));
  }

  private static Optional<Told> found(Watched each, ErrorBurst burst) {
    return each.told().stream().filter(told -> isDuring(told, burst)).findFirst();
  }

  private static boolean isDuring(Told told, ErrorBurst burst) {
    return !told.publishedAt().isBefore(burst.from())
        && told.spike().getOpenedAt().isBefore(burst.to().plus(AFTERMATH));
  }

  /** Errored runs by minute, while a storm is on. */
  private static TreeMap<Instant, Long> errored(Watched each, ErrorBurst burst) {
    TreeMap<Instant, Long> byMinute = new TreeMap<>();
    for (EndedRun run : each.runs()) {
      if (run.errored() && run.count() > 0 && isWithin(run, burst.from(), burst.to())) {
        byMinute.merge(
            Instant.ofEpochMilli(run.endMs()).truncatedTo(ChronoUnit.MINUTES), 1L, Long::sum);
      }
    }
    return byMinute;
  }

  private static boolean isWithin(EndedRun run, Instant from, Instant to) {
    return run.endMs() >= from.toEpochMilli() && run.endMs() < to.toEpochMilli();
  }

  private static long sum(TreeMap<Instant, Long> byMinute) {
    return byMinute.values().stream().mapToLong(Long::longValue).sum();
  }

  private static Optional<Instant> firstMinute(TreeMap<Instant, Long> errored) {
    return errored.keySet().stream()
        .filter(
            minute ->
                errored.get(minute) + errored.getOrDefault(minute.plus(1, ChronoUnit.MINUTES), 0L)
                    >= RULES.leastErrored())
        .findFirst();
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toMillis() / 1e3;
  }

  private static void quantiles(String prefix, List<Double> values, List<Figure> figures) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    for (int percent : new int[] {50, 99}) {
      double at =
          sorted.length == 0
              ? Double.NaN
              : sorted[
                  (int) Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100.0))];
      figures.add(new Figure(prefix + "p" + percent, at, "s"));
    }
  }
}
