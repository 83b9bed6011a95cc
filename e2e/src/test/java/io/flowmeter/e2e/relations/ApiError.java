package io.flowmeter.e2e.relations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An error as the API tells it, and what it says once the runtime's envelopes are off. */
record ApiError(String name, String message) {

  private static final Pattern NON_RETRYABLE =
      Pattern.compile("Step threw a NonRetryableError with message \"(.*)\"", Pattern.DOTALL);
  private static final Pattern NAMED = Pattern.compile("Error: (.*)", Pattern.DOTALL);

  /** Empty where neither a name nor a message is told. */
  static Optional<ApiError> of(JsonNode json) {
    return Optional.of(new ApiError(json.path("name").asText(""), json.path("message").asText("")))
        .filter(error -> !error.name.isBlank() || !error.message.isBlank());
  }

  /** A time-out, by its name or by its message. */
  boolean isTimeout() {
    return name.startsWith("WorkflowTimeoutError")
        || message.startsWith("WorkflowTimeoutError")
        || message.startsWith("Execution timed out after");
  }

  /** The error inside of the runtime's envelopes; an envelope around nothing stays. */
  ApiError unwrapped() {
    for (Pattern envelope : new Pattern[] {NON_RETRYABLE, NAMED}) {
      Matcher matcher = envelope.matcher(message);
      if (matcher.matches() && !matcher.group(1).isEmpty()) {
        return new ApiError(name, matcher.group(1)).unwrapped();
      }
    }
    return this;
  }
}
