package io.flowmeter.cli.poll;

import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.Progress;
import io.flowmeter.ingest.poll.PollPlan;
import io.flowmeter.ingest.telemetry.Totals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where a poller stands, in a line for people. */
public final class PollerLine {
  private static final int BAR = 20;

  private PollerLine() {}

  /** What there is to say now. */
  public static String of(Ingest poller) {
    return of(poller.account(), poller.progress(), poller.totals());
  }

  static String of(String account, Progress progress, Totals totals) {
    if (!progress.isLeader()) {
      return account + ": stands by, another process polls";
    }
    List<String> parts = new ArrayList<>();
    progress.planning().map(PollPlan::backfill).flatMap(PollerLine::backfill).ifPresent(parts::add);
    parts.add(
        "%s live, %s ended known, %s details fetched"
            .formatted(
                number(progress.live()),
                number(progress.ended()),
                number(progress.detailsFetched())));
    if (progress.backlog() > 0) {
      parts.add(number(progress.backlog()) + " waiting");
    }
    totals.budgetLeft().ifPresent(left -> parts.add("budget left " + number(left)));
    if (progress.rateLimited() > 0) {
      parts.add(number(progress.rateLimited()) + " × 429");
    }
    progress
        .planning()
        .ifPresent(plan -> parts.add("every " + time(plan.interval()) + ": " + plan.reason()));
    return account + ": " + String.join(", ", parts);
  }

  /**
   * A bar while there is something to fill up; empty once all is there. Where an earlier process
   * began, nobody knows how much of the bar that filled.
   */
  private static Optional<String> backfill(PollPlan.Backfilling backfill) {
    long all = backfill.known() + backfill.ahead();
    if (backfill.fetched() >= all) {
      return Optional.empty();
    }
    String left = backfill.left().map(time -> ", " + time(time) + " left").orElse("");
    if (backfill.resumed()) {
      return Optional.of(
          "backfill goes on, %s since the start, at most %s to go%s"
              .formatted(number(backfill.fetched()), number(all - backfill.fetched()), left));
    }
    int filled = (int) (BAR * backfill.done());
    return Optional.of(
        "backfill [%s%s] %s of %s%s%s"
            .formatted(
                "█".repeat(filled),
                "·".repeat(BAR - filled),
                number(backfill.fetched()),
                backfill.ahead() > 0 ? "about " : "",
                number(all),
                left));
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Two units at most: 1 h 20 min, 90 s. */
  static String time(Duration time) {
    long seconds = Math.max(0, time.plusMillis(500).toSeconds());
    if (time.toMillis() < 1_000) {
      return time.toMillis() + " ms";
    }
    if (seconds < 120) {
      return seconds + " s";
    }
    long minutes = (seconds + 30) / 60;
    if (minutes < 60) {
      return minutes + " min";
    }
    return minutes < 48 * 60
        ? minutes / 60 + " h " + minutes % 60 + " min"
        : minutes / 1440 + " d " + minutes % 1440 / 60 + " h";
  }
}
