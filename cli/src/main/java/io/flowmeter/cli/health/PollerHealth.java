package io.flowmeter.cli.health;

import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.PollerLiveness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The pollers of a process, one for each account. */
public final class PollerHealth implements Health {
  /** To begin, Kafka is waited for 60 s at most; to end, 10 s. */
  private static final Duration LOOKS_WITHIN = Duration.ofMinutes(3);

  /** Longer than the 5 minutes for which Cloudflare blocks a token's user. */
  private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(10);

  private final List<Ingest> pollers;
  private final Supplier<Optional<Throwable>> failure;

  /**
   * @param failure why one of them can tell nothing more; empty while all is well
   */
  public PollerHealth(List<Ingest> pollers, Supplier<Optional<Throwable>> failure) {
    this.pollers = List.copyOf(pollers);
    this.failure = failure;
  }

  @Override
  public List<Check> live() {
    List<Check> checks = new ArrayList<>();
    failure
        .get()
        .ifPresent(cause -> checks.add(Check.ill("polling", "stopped: " + cause.getMessage())));
    pollers.forEach(each -> checks.add(live(each.account(), each.pulse())));
    return checks;
  }

  @Override
  public List<Check> ready() {
    return pollers.stream()
        .map(
            each ->
                ready(
                    each.account(),
                    each.pulse(),
                    each.progress().planning().map(p -> p.interval())))
        .toList();
  }

  static Check live(String account, PollerLiveness liveness) {
    String subject = "poller of " + account;
    if (liveness.sinceLook().compareTo(LOOKS_WITHIN) > 0) {
      return Check.ill(
          subject, "its thread of the lead has not turned for " + seconds(liveness.sinceLook()));
    }
    if (liveness.isLeader() && liveness.alive() < liveness.threads()) {
      return Check.ill(
          subject,
          "%d of %d polling threads ended; see the log"
              .formatted(liveness.threads() - liveness.alive(), liveness.threads()));
    }
    return Check.well(
        subject,
        liveness.isLeader()
            ? "leads, %d polling threads".formatted(liveness.alive())
            : "does not lead, and looks for the lead");
  }

  /**
   * Standing by is work: such a process takes over when the one that leads ends.
   *
   * @param interval between lists of the workflows; empty where it stands by
   */
  static Check ready(String account, PollerLiveness liveness, Optional<Duration> interval) {
    String subject = "poller of " + account;
    if (!liveness.inGroup()) {
      return Check.ill(
          subject, "hears nothing of its group: Kafka is away, or this process is cut off from it");
    }
    if (!liveness.isLeader()) {
      return Check.well(subject, "stands by; another process leads");
    }
    Duration within =
        interval
            .map(each -> each.multipliedBy(2))
            .filter(each -> each.compareTo(ANSWERED_WITHIN) > 0)
            .orElse(ANSWERED_WITHIN);
    String answered = "the API told something %s ago".formatted(seconds(liveness.sinceAnswer()));
    String silent =
        liveness.silent().isZero()
            ? ""
            : ", and wants to be left alone for %s more".formatted(seconds(liveness.silent()));
    if (liveness.sinceAnswer().compareTo(within) > 0) {
      String problem = liveness.lastProblem().map(last -> ". Last problem: " + last).orElse("");
      return Check.ill(subject, "leads, but " + answered + silent + problem);
    }
    return Check.well(subject, "leads; " + answered + silent);
  }

  private static String seconds(Duration time) {
    return time.toSeconds() + " s";
  }
}
