package io.flowmeter.simulator.model;

/**
 * The configuration of a step of type {@code step}.
 *
 * @param limit how many retries may follow the first attempt
 * @param delay the delay before the first retry
 * @param timeout how long one attempt may take
 * @param sensitiveOutput whether the API hides the step's output
 */
public record StepConfig(
    int limit,
    DurationSetting delay,
    BackoffPolicy backoff,
    DurationSetting timeout,
    boolean sensitiveOutput) {

  /** What a step gets when its code configures nothing. */
  public static final StepConfig DEFAULT =
      new StepConfig(
          5,
          DurationSetting.ofMillis(1000),
          BackoffPolicy.EXPONENTIAL,
          DurationSetting.of("10 minutes"),
          false);

  /** A configuration written with texts such as {@code 1 second}. */
  public static StepConfig of(int limit, String delay, BackoffPolicy backoff, String timeout) {
    return new StepConfig(
        limit, DurationSetting.of(delay), backoff, DurationSetting.of(timeout), false);
  }

  /** The same with numbers of milliseconds in place of texts. */
  public static StepConfig ofMillis(int limit, long delay, BackoffPolicy backoff, long timeout) {
    return new StepConfig(
        limit, DurationSetting.ofMillis(delay), backoff, DurationSetting.ofMillis(timeout), false);
  }

  /** The same configuration, with the step's output hidden by the API. */
  public StepConfig hidingOutput() {
    return new StepConfig(limit, delay, backoff, timeout, true);
  }
}
