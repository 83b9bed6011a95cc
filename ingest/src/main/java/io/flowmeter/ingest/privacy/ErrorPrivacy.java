package io.flowmeter.ingest.privacy;

import java.util.List;

/** What is kept of errors' names and messages. */
public enum ErrorPrivacy {
  /** All but what can name a person or open a door; see docs/privacy.md. */
  SCRUBBED,
  /** As they come. */
  KEPT,
  /** Names only, scrubbed; of a message, only the words that make an outcome a time-out. */
  DROPPED;

  /** The runtime's own words, which the outcome of a step depends on. */
  private static final List<String> TIME_OUT =
      List.of("WorkflowTimeoutError", "Execution timed out after");

  /** What may be kept of an error's name. It is the name of a class, unless a program put words. */
  public String name(String name) {
    return this == KEPT ? LongText.cut(name) : scrubbed(name);
  }

  /** What may be kept of an error's message. */
  public String message(String message) {
    return switch (this) {
      case KEPT -> LongText.cut(message);
      case SCRUBBED -> scrubbed(message);
      case DROPPED -> TIME_OUT.stream().filter(message::startsWith).findFirst().orElse("");
    };
  }

  /**
   * Marks can be longer than what they stand for; what a second cut leaves half is scrubbed too.
   */
  private static String scrubbed(String text) {
    String scrubbed = Scrubber.scrub(text);
    String cut = LongText.cut(scrubbed);
    return cut.equals(scrubbed) ? scrubbed : scrubbed(cut);
  }
}
