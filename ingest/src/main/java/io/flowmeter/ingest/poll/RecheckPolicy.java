package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.TrackedInstance;
import java.time.Duration;
import java.time.Instant;

/**
 * When an instance's detail is worth a request though its row did not change.
 *
 * <p>A live one is looked at again after as long as it has been still, between two bounds. An ended
 * one can be restarted without a trace in the row where rows tell no modification: it is looked at
 * at every sweep while its end is fresh, then whenever its age has doubled.
 *
 * @param liveAtFirst pause after a change of a live instance
 * @param liveAtMost longest pause of a live instance
 * @param ended whether ended ones are looked at again
 * @param fresh how long an end is fresh
 * @param retention age at which an ended instance is no longer looked at
 */
public record RecheckPolicy(
    Duration liveAtFirst, Duration liveAtMost, boolean ended, Duration fresh, Duration retention) {

  public boolean due(TrackedInstance tracked, Instant now) {
    if (tracked.vanished() || tracked.isNew()) {
      return false;
    }
    if (tracked.polledAt().isEmpty()) {
      return tracked.live() || ended && age(tracked, now).compareTo(retention) < 0;
    }
    Instant looked = tracked.polledAt().get();
    if (tracked.live()) {
      Duration still = Duration.between(tracked.changedAt().orElse(looked), looked);
      Duration pause = longer(liveAtFirst, shorter(liveAtMost, still));
      return !now.isBefore(looked.plus(pause));
    }
    Duration age = age(tracked, now);
    if (!ended || age.compareTo(retention) >= 0) {
      return false;
    }
    Duration ageWhenLooked = age(tracked, looked);
    return age.compareTo(fresh) < 0
        || age.compareTo(longer(fresh, ageWhenLooked.multipliedBy(2))) >= 0;
  }

  private static Duration age(TrackedInstance tracked, Instant now) {
    return tracked.endSeenAt().map(end -> Duration.between(end, now)).orElse(Duration.ZERO);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
