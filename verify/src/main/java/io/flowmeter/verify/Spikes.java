package io.flowmeter.verify;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Holds {@code error_spikes} of a workflow against its {@code instances}, which are held against
 * the ledger. When a spike is told depends on when the pipeline looked, so that its numbers are not
 * exact; but it must agree with itself, runs must have ended as it says, and what nobody can
 * overlook must be there.
 *
 * @param since before it nobody looked: what went wrong then is the past
 */
record Spikes(Instant since, Comparison comparison) {
  private static final long MINUTE_MS = 60_000;
  private static final Relation RELATION = Relation.ERROR_SPIKES;

  /**
   * Half an hour in which all runs err, this many, after that many of which so few did, is not to
   * be overlooked: it is less probable than what opens a spike even where errors come in bursts.
   */
  private static final Duration STRETCH = Duration.ofMinutes(30);

  private static final long STORMY = 14;
  private static final long CALM = 200;
  private static final double CALM_SHARE = 0.05;

  /** So much of it lies in spikes at least; one may have closed within it, and another opened. */
  private static final double COVERED_SHARE = 1.0 / 3;

  /**
   * What is observed later than that may open no spike: part of it was looked at in time, and part
   * when no more of it came.
   */
  private static final Duration IN_TIME = Duration.ofMinutes(5);

  /** A run that ended by itself, and how much later it was observed last, in milliseconds. */
  private record Ended(long at, boolean errored, long lateMs) {}

  /**
   * Checks the spikes of a workflow.
   *
   * @param instances all of its rows
   * @param found those of {@code error_spikes}
   */
  void check(String workflow, List<Row> instances, List<Row> found) {
    List<Ended> ended = new ArrayList<>();
    long reopened = 0;
    for (Row run : instances) {
      reopened += run.number("reopened");
      boolean errored = run.text("status").equals("errored");
      if (run.text("end_kind").equals("api")
          && run.has("ended_at")
          && (errored || run.text("status").equals("complete"))) {
        ended.add(
            new Ended(
                run.number("ended_at"),
                errored,
                run.number("observed_at") - run.number("ended_at")));
      }
    }
    ended.sort(Comparator.comparing(Ended::at));
    comparison.compared(RELATION, found.size());
    Set<List<Object>> keys = new HashSet<>();
    for (Row spike : found) {
      if (!keys.add(spike.key(RELATION))) {
        comparison.doubled(RELATION, spike.key(RELATION));
      }
      check(spike, ended, reopened);
    }
    errorBursts(workflow, ended, found);
  }

  private void check(Row spike, List<Ended> runs, long reopened) {
    List<Object> key = spike.key(RELATION);
    long errored = spike.number("errored");
    long finished = spike.number("finished");
    double share = real(spike, "observed_share");
    if (errored < 1 || errored > finished || share != (double) errored / finished) {
      comparison.wrong(
          RELATION,
          key,
          "expected a share of its runs, found %d of %d and %s"
              .formatted(errored, finished, share));
    }
    double usual = real(spike, "baseline_share");
    if (!(usual > 0 && usual < 1 && real(spike, "score") > 0)) {
      comparison.wrong(RELATION, key, "expected a baseline and a score, found " + spike);
    }
    if (spike.number("opened_at") % MINUTE_MS != 0
        || spike.has("closed_at") && spike.number("closed_at") <= spike.number("opened_at")) {
      comparison.wrong(RELATION, key, "expected whole minutes, in order, found " + spike);
    }
    long really =
        runs.stream().filter(run -> run.errored() && isIn(run.at(), spike)).count() + reopened;
    if (errored > really) {
      comparison.wrong(
          RELATION, key, "expected at most %d errored, found %d".formatted(really, errored));
    }
  }

  private static double real(Row row, String column) {
    return Double.parseDouble(String.valueOf(row.get(column)));
  }

  private static boolean isIn(long at, Row spike) {
    return at >= spike.number("opened_at")
        && (!spike.has("closed_at") || at < spike.number("closed_at"));
  }

  /**
   * What must have been found: the first stretch that was not, if any.
   *
   * @param runs in the order of their ends
   */
  private void errorBursts(String workflow, List<Ended> runs, List<Row> spikes) {
    long first = Math.floorDiv(since.toEpochMilli(), MINUTE_MS) + 1;
    long last = runs.isEmpty() ? 0 : runs.get(runs.size() - 1).at() / MINUTE_MS;
    int begin = 0;
    int end = 0;
    for (long minute = first; minute < last; minute++) {
      long from = minute * MINUTE_MS;
      long to = from + STRETCH.toMillis();
      begin = firstAt(runs, begin, from);
      end = firstAt(runs, end, to);
      List<Ended> stretch = runs.subList(begin, end);
      if (stretch.size() >= STORMY && stretch.stream().allMatch(Spikes::erredInTime)) {
        List<Ended> before =
            runs.subList(0, begin).stream().filter(run -> isOutside(run, spikes)).toList();
        long erredBefore = before.stream().filter(Ended::errored).count();
        long covered = stretch.stream().filter(run -> !isOutside(run, spikes)).count();
        if (before.size() >= CALM
            && erredBefore <= CALM_SHARE * before.size()
            && covered < COVERED_SHARE * stretch.size()) {
          comparison.missing(
              RELATION,
              List.of(workflow, Instant.ofEpochMilli(from)),
              "expected a spike, for %d runs errored within %s, found %d of them in one; before, %d of %d had"
                  .formatted(stretch.size(), STRETCH, covered, erredBefore, before.size()));
          return;
        }
      }
    }
  }

  private static boolean erredInTime(Ended run) {
    return run.errored() && run.lateMs() <= IN_TIME.toMillis();
  }

  private static boolean isOutside(Ended run, List<Row> spikes) {
    return spikes.stream().noneMatch(spike -> isIn(run.at(), spike));
  }

  /** The place of the first run that ended at a moment or later, from a place on. */
  private static int firstAt(List<Ended> runs, int place, long moment) {
    int at = place;
    while (at < runs.size() && runs.get(at).at() < moment) {
      at++;
    }
    return at;
  }
}
