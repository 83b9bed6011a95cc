package io.flowmeter.streams.run;

import io.flowmeter.schemas.observation.Error;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an error says, once the runtime's envelopes are off, and whether it is a time-out. */
final class ErrorText {
  private static final Pattern NON_RETRYABLE =
      Pattern.compile("Step threw a NonRetryableError with message \"(.*)\"", Pattern.DOTALL);
  private static final Pattern PLAIN = Pattern.compile("Error: (.*)", Pattern.DOTALL);

  private static final String TIMEOUT_ERROR = "WorkflowTimeoutError";
  private static final String TIMEOUT_MESSAGE = "Execution timed out after";

  private ErrorText() {}

  /** The message without its envelopes; an envelope around nothing stays. */
  static String unwrapped(String message) {
    String text = message;
    while (true) {
      String inner = inner(text);
      if (inner.isEmpty()) {
        return text;
      }
      text = inner;
    }
  }

  private static String inner(String message) {
    for (Pattern envelope : new Pattern[] {NON_RETRYABLE, PLAIN}) {
      Matcher matcher = envelope.matcher(message);
      if (matcher.matches()) {
        return matcher.group(1);
      }
    }
    return "";
  }

  /** By the definition of {@code timed_out}. */
  static boolean isTimeout(Error error) {
    String message = unwrapped(error.getMessage());
    return error.getName().startsWith(TIMEOUT_ERROR)
        || error.getMessage().startsWith(TIMEOUT_ERROR)
        || message.startsWith(TIMEOUT_ERROR)
        || message.startsWith(TIMEOUT_MESSAGE);
  }

  /** Nothing is told: neither name nor message. */
  static boolean isEmpty(Error error) {
    return error == null || (error.getName().isBlank() && error.getMessage().isBlank());
  }
}
