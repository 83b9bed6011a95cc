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

  void tell(String prefix, List<Figure> figures) {
    if (watched.isEmpty()) {
      return;
    }
    outages(prefix + "outages.", figures);
    deploys(prefix + "deploys.", figures);
    long other = 0;
    double weeks = 0;
    for (Watched each : watched) {
      weeks += each.time().toHours() / 168.0;
      other += each.told().stream().filter(told -> !isOfStorm(each, told)).count();
    }
    figures.add(
        new Figure(prefix + "other.spikes_of_100_workflows", 100 * other / weeks, "alarms/week"));
  }

  private static boolean isOfStorm(Watched each, Told told) {
    Instant opened = told.spike().getOpenedAt();
    return each.storms().stream()
        .anyMatch(
            storm ->
                !opened.isBefore(storm.from().minus(Duration.ofMinutes(1)))
                    && opened.isBefore(storm.to().plus(Duration.ofHours(1))));
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
      for (ErrorBurst storm : each.storms()) {
        if (storm.kind() != ErrorBurst.Kind.OUTAGE || isOverlapped(each, storm)) {
          continue;
        }
        count++;
        TreeMap<Instant, Long> errored = errored(each, storm);
        if (sum(errored) < RULES.leastErrored()) {
          continue;
        }
        erring++;
        Optional<Told> found = found(each, storm);
        spikes += each.told().stream().filter(told -> isDuring(told, storm)).count();
        erringFound += found.isPresent() ? 1 : 0;
        found.ifPresent(told -> fromBegin.add(seconds(storm.from(), told.toldAt())));
        Optional<Instant> first = firstMinute(errored);
        if (first.isPresent()) {
          overFloor++;
          overFloorFound += found.isPresent() ? 1 : 0;
          if (found.isPresent()) {
            double delay = seconds(first.get(), found.get().toldAt());
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
      for (ErrorBurst storm : each.storms()) {
        if (storm.kind() != ErrorBurst.Kind.BAD_DEPLOY || isOverlapped(each, storm)) {
          continue;
        }
        count++;
        long finished = 0;
        long errored = 0;
        for (EndedRun run : each.runs()) {
          if (isWithin(run, storm.from(), storm.to())) {
            finished += run.count();
            errored += run.errored() ? run.count() : 0;
          }
        }
        double share = (double) errored / finished;
        if (errored >= RULES.leastErrored()
            && share >= RULES.leastRatio() * usual
            && share >= usual + RULES.leastRise()) {
          raised++;
          Optional<Told> told = found(each, storm);
          found += told.isPresent() ? 1 : 0;
          told.ifPresent(first -> fromBegin.add(seconds(storm.from(), first.toldAt())));
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
          .noneMatch(storm -> isWithin(run, storm.from(), storm.to().plus(AFTERMATH)))) {
        finished += run.count();
        errored += run.errored() ? run.count() : 0;
      }
    }
    return (double) errored / Math.max(1, finished);
  }

  /** Another storm was on when it began, or a spike was open. */
  private static boolean isOverlapped(Watched each, ErrorBurst storm) {
    boolean inAnother =
        each.storms().stream()
            .anyMatch(
                other ->
                    !other.equals(storm)
                        && other.from().isBefore(storm.to())
                        && storm.from().isBefore(other.to().plus(AFTERMATH)));
    return inAnother
        || each.told().stream()
            .anyMatch(
                told ->
                    told.toldAt().isBefore(storm.from())
                        && (told.spike().getClosedAt() == null
                            || told.spike().getClosedAt().isAfter(storm.from())));
  }

  private static Optional<Told> found(Watched each, ErrorBurst storm) {
    return each.told().stream().filter(told -> isDuring(told, storm)).findFirst();
  }

  private static boolean isDuring(Told told, ErrorBurst storm) {
    return !told.toldAt().isBefore(storm.from())
        && told.spike().getOpenedAt().isBefore(storm.to().plus(AFTERMATH));
  }

  /** Errored runs by minute, while a storm is on. */
  private static TreeMap<Instant, Long> errored(Watched each, ErrorBurst storm) {
    TreeMap<Instant, Long> byMinute = new TreeMap<>();
    for (EndedRun run : each.runs()) {
      if (run.errored() && run.count() > 0 && isWithin(run, storm.from(), storm.to())) {
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
