package io.flowmeter.simulator.fleet;

import java.time.Duration;

/** How long the fleet's instances live. */
public enum LifetimeProfile {
  /** Most for seconds or minutes, some for hours or a day, as in an account of many uses. */
  MIXED(Duration.ofDays(5)),
  /** None longer than its work and waits take: minutes. What is created soon finishes. */
  BRISK(Duration.ofDays(2)),
  /** Nearly all sleep for a week: a large live population. */
  LONG(Duration.ofDays(30));

  private final Duration longest;

  LifetimeProfile(Duration longest) {
    this.longest = longest;
  }

  /**
   * No instance lives longer, restarts included: how far back live ones need to be looked for.
   * Nobody restarts one after a third of it.
   */
  Duration longest() {
    return longest;
  }
}
