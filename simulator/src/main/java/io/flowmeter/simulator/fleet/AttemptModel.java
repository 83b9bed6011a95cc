package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Failure;
import java.util.Optional;

/**
 * How hard a step's code is: how long an attempt takes, and how often it fails.
 *
 * @param medianMs median duration of an attempt
 * @param sigma how heavy the tail of the durations is
 * @param failing probability that an attempt throws
 * @param failure what it throws then
 * @param refusing probability that an attempt throws a NonRetryableError
 * @param refusal the message of that error
 * @param outage what an attempt throws while the service that it calls is down; empty when it calls
 *     none
 * @param hasOutput whether it returns something
 */
public record AttemptModel(
    double medianMs,
    double sigma,
    double failing,
    Failure failure,
    double refusing,
    String refusal,
    Optional<Failure> outage,
    boolean hasOutput) {
  private static final Failure NONE = new Failure("Error", "");

  /** Code that takes this long and never fails. */
  public static AttemptModel of(double medianMs, double sigma) {
    return new AttemptModel(medianMs, sigma, 0, NONE, 0, "", Optional.empty(), true);
  }

  /** The same, throwing this error with this probability. */
  public AttemptModel failing(double probability, String name, String message) {
    return new AttemptModel(
        medianMs,
        sigma,
        probability,
        new Failure(name, message),
        refusing,
        refusal,
        outage,
        hasOutput);
  }

  /** The same, throwing a NonRetryableError with this probability. */
  public AttemptModel refusing(double probability, String message) {
    return new AttemptModel(
        medianMs, sigma, failing, failure, probability, message, outage, hasOutput);
  }

  /** The same, calling a service without which nearly every attempt throws this error. */
  public AttemptModel calling(String name, String messageWhileDown) {
    return new AttemptModel(
        medianMs,
        sigma,
        failing,
        failure,
        refusing,
        refusal,
        Optional.of(new Failure(name, messageWhileDown)),
        hasOutput);
  }

  /** The same, taking so many times as long. */
  public AttemptModel slowedBy(double factor) {
    return new AttemptModel(
        medianMs * factor, sigma, failing, failure, refusing, refusal, outage, hasOutput);
  }

  /** The same, returning nothing. */
  public AttemptModel silent() {
    return new AttemptModel(medianMs, sigma, failing, failure, refusing, refusal, outage, false);
  }
}
