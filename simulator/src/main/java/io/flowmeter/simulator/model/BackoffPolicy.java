package io.flowmeter.simulator.model;

import java.util.Locale;

/** How the delay before a retry grows with the number of failed attempts. */
public enum BackoffPolicy {
  CONSTANT,
  LINEAR,
  EXPONENTIAL;

  /** The name the API uses, for example {@code linear}. */
  public String apiName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The delay before the attempt that follows {@code failedAttempts} failed ones, in milliseconds.
   *
   * @param delayMs the configured delay, the one before the first retry
   * @param failedAttempts 1 or more
   */
  public long delayMs(long delayMs, int failedAttempts) {
    return switch (this) {
      case CONSTANT -> delayMs;
      case LINEAR -> delayMs * failedAttempts;
      case EXPONENTIAL -> delayMs << Math.min(failedAttempts - 1, 20);
    };
  }
}
