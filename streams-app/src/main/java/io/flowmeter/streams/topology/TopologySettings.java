package io.flowmeter.streams.topology;

import java.time.Duration;

/**
 * What the topology is a function of.
 *
 * @param keepEnded how long an ended run can still change: the API's longest retention, 30 days,
 *     and 3 days
 */
public record TopologySettings(Duration keepEnded) {
  public static final TopologySettings DEFAULTS = new TopologySettings(Duration.ofDays(33));

  public TopologySettings {
    if (keepEnded.isNegative() || keepEnded.isZero()) {
      throw new IllegalArgumentException(
          "expected a time for which ended runs are kept, came " + keepEnded);
    }
  }
}
