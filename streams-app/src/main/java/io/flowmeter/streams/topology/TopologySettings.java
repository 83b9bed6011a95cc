package io.flowmeter.streams.topology;

import java.time.Duration;
import java.util.Optional;

/**
 * What the topology is a function of.
 *
 * @param keepEnded how long what is known of an ended run is kept after it was last observed: for
 *     as long as the same can be told again. The API does for 30 days; Kafka for the 35 of the
 *     observations and the 7 of a segment, should offsets be lost or a dead letter be replayed
 * @param replay that observations are read once more for a rebuild
 */
public record TopologySettings(Duration keepEnded, Optional<Replay> replay) {
  public static final TopologySettings DEFAULTS =
      new TopologySettings(Duration.ofDays(43), Optional.empty());

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
