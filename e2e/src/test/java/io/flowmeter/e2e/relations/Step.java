package io.flowmeter.e2e.relations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An entry of a detail's {@code steps}.
 *
 * @param index its position
 * @param runEnd the run's end, at which what is unfinished is cut
 */
record Step(int index, JsonNode json, Optional<Long> runEnd) {

  String type() {
    return json.path("type").asText("");
  }

  boolean isTermination() {
    return type().equals("termination");
  }

  private boolean isPlain() {
    return type().equals("step");
  }

  /** As the API gave it; empty where it gave none. */
  String stepName() {
    return json.path("name").asText("");
  }

  /** The name without its one trailing counter. */
  String step() {
    return stepName().replaceFirst("(?s)-\\d+$", "");
  }

  Optional<Long> start() {
    return isTermination() ? runEnd : Durations.time(json.path("start"));
  }

  /** Its own end, else the run's. */
  Optional<Long> end() {
    return ownEnd().or(() -> runEnd);
  }

  /** Empty while it is unfinished. */
  Optional<Long> ownEnd() {
    return isTermination() ? runEnd : Durations.time(json.path("end"));
  }

  /** Between its start and its end, any type. */
  long wallMs() {
    return end().orElseThrow() - start().orElseThrow();
  }

  String outcome() {
    if (isTermination()) {
      return "succeeded";
    }
    JsonNode success = json.path("success");
    boolean told = success.isBoolean();
    boolean over = told || json.path("finished").asBoolean(false);
    if (!over) {
      return "unfinished";
    }
    boolean good = told ? success.asBoolean() : rawError().isEmpty();
    if (good) {
      return "succeeded";
    }
    return rawError().filter(ApiError::isTimeout).isPresent() ? "timed_out" : "failed";
  }

  /** By itself or by a time-out. */
  boolean failed() {
    return outcome().equals("failed") || outcome().equals("timed_out");
  }

  /**
   * Of a step that failed, without envelopes: the last attempt's, or its own where its type has no
   * attempts.
   */
  Optional<ApiError> error() {
    return failed() ? rawError().map(ApiError::unwrapped) : Optional.empty();
  }

  private Optional<ApiError> rawError() {
    JsonNode attempts = json.path("attempts");
    return isPlain() && !attempts.isEmpty()
        ? ApiError.of(attempts.get(attempts.size() - 1).path("error"))
        : ApiError.of(json.path("error"));
  }

  /** Only steps of type {@code step} have attempts. */
  List<Attempt> attempts() {
    List<Attempt> attempts = new ArrayList<>();
    if (isPlain()) {
      for (JsonNode attempt : json.path("attempts")) {
        attempts.add(new Attempt(attempts.size() + 1, attempt, runEnd));
      }
    }
    return attempts;
  }

  long attemptMs() {
    return attempts().stream().mapToLong(Attempt::durationMs).sum();
  }

  long backoffMs() {
    return attempts().isEmpty() ? 0 : wallMs() - attemptMs();
  }

  int retries() {
    return Math.max(0, attempts().size() - 1);
  }

  List<Attempt> failedAttempts() {
    return attempts().stream().filter(attempt -> attempt.succeeded(false)).toList();
  }

  boolean firstAttemptOk() {
    return attempts().stream().limit(1).anyMatch(attempt -> attempt.succeeded(true));
  }

  /** Failed attempts' time, and the time between attempts. */
  long lostMs() {
    return failedAttempts().stream().mapToLong(Attempt::durationMs).sum() + backoffMs();
  }

  Optional<Long> retryLimit() {
    JsonNode limit = json.at("/config/retries/limit");
    return limit.isNumber() ? Optional.of(limit.asLong()) : Optional.empty();
  }

  String backoff() {
    return json.at("/config/retries/backoff").asText("");
  }

  Optional<Long> timeoutMs() {
    return Durations.milliseconds(json.at("/config/timeout"));
  }

  boolean recovered() {
    return outcome().equals("succeeded") && retries() > 0;
  }

  boolean exhausted() {
    return failed() && retryLimit().filter(limit -> attempts().size() == limit + 1).isPresent();
  }

  /** One attempt of a step. */
  record Attempt(int number, JsonNode json, Optional<Long> runEnd) {

    long start() {
      return Durations.time(json.path("start")).orElseThrow();
    }

    long end() {
      return Durations.time(json.path("end")).or(() -> runEnd).orElseThrow();
    }

    long durationMs() {
      return end() - start();
    }

    boolean succeeded(boolean wanted) {
      return json.path("success").isBoolean() && json.path("success").asBoolean() == wanted;
    }

    /** NULL while it is unfinished. */
    Optional<Boolean> success() {
      return succeeded(true)
          ? Optional.of(true)
          : succeeded(false) ? Optional.of(false) : Optional.empty();
    }

    Optional<ApiError> error() {
      return ApiError.of(json.path("error")).map(ApiError::unwrapped);
    }
  }
}
