package io.flowmeter.verify;

import io.flowmeter.simulator.Simulator.Requests;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import io.flowmeter.verify.required.LossWindows;
import io.flowmeter.verify.required.RequiredRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Holds {@code collector_minutes} against what the simulator was asked and what is due. Sums are
 * exact; which minute a request counts in depends on how long it was on its way. Where a connection
 * breaks before a byte of the answer came, the JDK's HTTP/1.1 client may repeat the request once by
 * itself: what went unanswered need not be counted by whoever asked.
 */
final class Collector {

  private static final long MINUTE_MS = 60_000;

  /** So many requests of a reader that was killed had left, at most, and were never answered. */
  private static final int IN_FLIGHT = 8;

  private final SortedMap<Instant, Requests> served;
  private final NavigableMap<Instant, Long> arrived;
  private final NavigableMap<Instant, Long> answered;
  private final Duration tolerance;
  private final Instant fleetEnd;
  private final LossWindows losses;
  private final long deadLetters;
  private final Comparison comparison;
  private final List<RequiredRun> askedTwice = new ArrayList<>();
  private long ended;
  private long vanished;
  private long unfetched;
  private long ends;
  private long fetched;
  private long endsPublished;

  /**
   * @param served requests by minute, as the simulator answered them
   * @param losses what was counted then may have been lost with the answers
   * @param deadLetters so many there must be
   */
  Collector(
      SortedMap<Instant, Requests> served,
      TimeTolerance leeway,
      LossWindows losses,
      long deadLetters,
      Comparison comparison) {
    this.served = served;
    this.tolerance = leeway.tolerance();
    this.fleetEnd = leeway.fleetEnd();
    this.losses = losses;
    this.deadLetters = deadLetters;
    this.comparison = comparison;
    SortedMap<Instant, Long> all = new TreeMap<>();
    SortedMap<Instant, Long> withAnswer = new TreeMap<>();
    served.forEach(
        (minute, requests) -> {
          all.put(minute, requests.all());
          if (!losses.touches(minute, minute.plusMillis(MINUTE_MS))) {
            withAnswer.put(minute, requests.all() - requests.unanswered());
          }
        });
    this.arrived = runningSum(all);
    this.answered = runningSum(withAnswer);
  }

  /**
   * Takes note of the runs of a workflow.
   *
   * @param runs as they are expected in {@code instances}
   */
  void add(List<RequiredRun> due, List<ReportedRun> runs) {
    ended += runs.stream().filter(ReportedRun::ended).count();
    // What is gone has ended as well, though nobody knows when and how.
    vanished += runs.stream().filter(reportedRun -> reportedRun.vanished().isPresent()).count();
    unfetched += vanishedUnfetched(due, runs);
    fetched += runs.stream().filter(ReportedRun::fetchedInFull).count();
    // A run that was opened again has another end, which becomes known and is fetched, too.
    ends +=
        due.stream()
            .flatMap(run -> run.intervals().stream())
            .filter(interval -> interval.status().isTerminal())
            .count();
    endsPublished += due.stream().mapToLong(run -> run.endsPublished().size()).sum();
    due.stream()
        .filter(run -> run.endedDetails() > Math.max(1, run.endsPublished().size()))
        .limit(3)
        .forEach(askedTwice::add);
  }

  /** Checks all minutes, when the runs of all workflows were added. */
  void check(List<Row> minutes) {
    comparison.compared(Relation.COLLECTOR_MINUTES, minutes.size());
    Set<List<Object>> keys = new HashSet<>();
    SortedMap<Instant, Long> requests = new TreeMap<>();
    for (Row minute : minutes) {
      requests.merge(start(minute), minute.number("requests"), Long::sum);
    }
    NavigableMap<Instant, Long> left = runningSum(requests);
    for (Row minute : minutes) {
      List<Object> key = minute.key(Relation.COLLECTOR_MINUTES);
      if (!keys.add(key)) {
        comparison.doubled(Relation.COLLECTOR_MINUTES, key);
      }
      checkMinute(key, start(minute).plusMillis(MINUTE_MS), left);
    }
    total("requests", respondedUntil(Instant.MAX), requestsUntil(Instant.MAX), minutes);
    total("rejected_429", served.values().stream().mapToLong(Requests::rejected).sum(), minutes);
    total("known", ended + vanished, Math.max(ended, ends) + vanished, minutes);
    total("fetched", fetched, Math.max(fetched, endsPublished), minutes);
    if (found("fetched", minutes) > Math.max(fetched, endsPublished)) {
      askedTwice.stream().limit(3).forEach(this::addDuplicate);
    }
    lost(minutes);
    total("skipped_rows", 0, minutes);
    total("late_ignored", 0, minutes);
    total("dead_letters", deadLetters, minutes);
  }

  private long vanishedUnfetched(List<RequiredRun> due, List<ReportedRun> runs) {
    Set<List<Object>> gone = new HashSet<>();
    due.stream().filter(run -> run.isDeleted(fleetEnd)).forEach(run -> gone.add(key(run.run())));
    return runs.stream()
        .filter(
            reportedRun ->
                reportedRun.newest() && reportedRun.ended() && !reportedRun.fetchedInFull())
        .filter(reportedRun -> gone.contains(key(reportedRun)))
        .count();
  }

  /**
   * Runs that were gone before they were fetched: seen alive last, or ended. One of the latter that
   * was sampled out was given up before.
   */
  private void lost(List<Row> minutes) {
    boolean each = losses.isEmpty() && found("lost_sampled_out", minutes) == 0;
    total("lost_vanished", each ? vanished + unfetched : 0, vanished + unfetched, minutes);
  }

  private static List<Object> key(ReportedRun run) {
    return List.of(run.workflow(), run.instanceId(), run.run());
  }

  /** By the end of each minute about as many requests had left as the simulator answered. */
  private void checkMinute(List<Object> key, Instant end, NavigableMap<Instant, Long> left) {
    long found = before(end, left);
    long least = respondedUntil(end.minus(tolerance));
    long most = requestsUntil(end.plus(tolerance));
    if (found < least || found > most) {
      comparison.wrong(
          Relation.COLLECTOR_MINUTES,
          key,
          "expected %d to %d requests until then, found %d".formatted(least, most, found));
    }
  }

  private static Instant start(Row minute) {
    return Instant.ofEpochMilli(minute.number("minute"));
  }

  private long requestsUntil(Instant moment) {
    return before(moment, arrived) + (long) IN_FLIGHT * losses.many();
  }

  private long respondedUntil(Instant moment) {
    return before(moment, answered);
  }

  /** For each time the sum of what happened until then, itself included. */
  private static NavigableMap<Instant, Long> runningSum(SortedMap<Instant, Long> numbers) {
    NavigableMap<Instant, Long> sums = new TreeMap<>();
    long sum = 0;
    for (Map.Entry<Instant, Long> number : numbers.entrySet()) {
      sum += number.getValue();
      sums.put(number.getKey(), sum);
    }
    return sums;
  }

  private static long before(Instant moment, NavigableMap<Instant, Long> sums) {
    Map.Entry<Instant, Long> last = sums.lowerEntry(moment);
    return last == null ? 0 : last.getValue();
  }

  private void addDuplicate(RequiredRun run) {
    comparison.wrong(
        Relation.COLLECTOR_MINUTES,
        List.of(run.run().workflow(), run.run().instanceId(), run.run().run()),
        "ended at %s, shown as %s, its details were asked for at %s"
            .formatted(run.endsPublished(), run.intervals(), run.details()));
  }

  private static long found(String column, List<Row> minutes) {
    return minutes.stream().mapToLong(row -> row.number(column)).sum();
  }

  private void total(String column, long expected, List<Row> minutes) {
    total(column, expected, expected, minutes);
  }

  private void total(String column, long least, long most, List<Row> minutes) {
    long found = found(column, minutes);
    if (found < least || found > most) {
      comparison.wrong(
          Relation.COLLECTOR_MINUTES,
          List.of("all minutes"),
          "expected %s %d to %d in sum, found %d".formatted(column, least, most, found));
    }
  }
}
