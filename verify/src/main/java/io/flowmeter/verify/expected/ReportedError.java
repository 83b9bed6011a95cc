package io.flowmeter.verify.expected;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An error as the API tells it, and what it says once the runtime's envelopes are off. */
public record ReportedError(String name, String message) {

  private static final List<Pattern> ENVELOPES =
      List.of(
          Pattern.compile("Step threw a NonRetryableError with message \"(.*)\"", Pattern.DOTALL),
          Pattern.compile("Error: (.*)", Pattern.DOTALL));

  /** Empty where neither a name nor a message is told. */
  public static Optional<ReportedError> of(String name, String message) {
    return name.isBlank() && message.isBlank()
        ? Optional.empty()
        : Optional.of(new ReportedError(name, message));
  }

  /** A time-out, by its name or by its message. */
  boolean isTimeout() {
    return name.startsWith("WorkflowTimeoutError")
        || message.startsWith("WorkflowTimeoutError")
        || message.startsWith("Execution timed out after");
  }

  /** The error inside of the runtime's envelopes; an envelope around nothing stays. */
  ReportedError unwrapped() {
    for (Pattern envelope : ENVELOPES) {
      Matcher matcher = envelope.matcher(message);
      if (matcher.matches() && !matcher.group(1).isEmpty()) {
        return new ReportedError(name, matcher.group(1)).unwrapped();
      }
    }
    return this;
  }
}
