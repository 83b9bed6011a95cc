package io.flowmeter.verify.expected;

import java.util.List;
import java.util.Optional;

/**
 * An entry of a detail's {@code steps}, as the API tells it. Times are epoch milliseconds.
 *
 * @param index its position
 * @param name empty where the API gives none
 * @param end empty while it is unfinished
 * @param success what the API says of it, where it does
 * @param finished the same of a type without {@code success}
 * @param error its own, as told; what has attempts has none but theirs
 * @param backoff empty where the API gives none
 */
public record ReportedStep(
    int index,
    String type,
    String name,
    Optional<Long> start,
    Optional<Long> end,
    Optional<Boolean> success,
    boolean finished,
    Optional<ReportedError> error,
    List<ToldAttempt> attempts,
    Optional<Long> retryLimit,
    String backoff,
    Optional<Long> timeoutMs) {

  /**
   * One attempt.
   *
   * @param end empty while it is unfinished
   * @param success empty while it is unfinished
   * @param error as told
   */
  public record ToldAttempt(
      long start, Optional<Long> end, Optional<Boolean> success, Optional<ReportedError> error) {}
}
