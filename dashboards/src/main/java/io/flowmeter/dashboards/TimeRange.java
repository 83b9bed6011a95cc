package io.flowmeter.dashboards;

import java.time.Instant;

/** What a dashboard looks at: from and to, both inclusive, as Grafana's time picker has them. */
public record TimeRange(Instant from, Instant to) {
  public TimeRange {
    if (from.isAfter(to)) {
      throw new IllegalArgumentException("Expected from before to, but got " + from + " and " + to);
    }
  }
}
