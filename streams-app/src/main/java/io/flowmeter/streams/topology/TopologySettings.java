package io.flowmeter.streams.topology;

import java.time.Duration;
import java.util.Optional;

/**
 * What the topology is a function of.
 *
 * @param keepEnded how long an ended run can still change: the API's longest retention, 30 days,
 *     and 3 days
 * @param replay that observations are read once more for a rebuild
 */
public record TopologySettings(Duration keepEnded, Optional<Replay> replay) {
  public static final TopologySettings DEFAULTS =
      new TopologySettings(Duration.ofDays(33), Optional.empty());

  public TopologySettings {
    if (keepEnded.isNegative() || keepEnded.isZero()) {
      throw new IllegalArgumentException(
          "expected a time for which ended runs are kept, came " + keepEnded);
    }
  }

  /** The same for a rebuild. */
  public TopologySettings replaying(Replay once) {
    return new TopologySettings(keepEnded, Optional.of(once));
  }
}
