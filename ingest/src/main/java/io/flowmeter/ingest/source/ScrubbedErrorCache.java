package io.flowmeter.ingest.source;

import io.flowmeter.ingest.privacy.ErrorPrivacy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What is kept of the errors of one response. Attempts of a step mostly fail alike, and to scrub a
 * message takes longer than to read the step; so what was made of the last messages is remembered.
 */
final class ScrubbedErrorCache {
  /** Of names and of messages; a message has up to 4 KiB. */
  private static final int MOST = 50;

  private final ErrorPrivacy privacy;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> messages = new HashMap<>();

  /**
   * @param privacy what may be kept of errors
   */
  ScrubbedErrorCache(ErrorPrivacy privacy) {
    this.privacy = privacy;
  }

  String name(String name) {
    return kept(name, names, privacy::name);
  }

  String message(String message) {
    return kept(message, messages, privacy::message);
  }

  private static String kept(String text, Map<String, String> known, UnaryOperator<String> keep) {
    if (known.size() >= MOST && !known.containsKey(text)) {
      known.clear();
    }
    return known.computeIfAbsent(text, keep);
  }
}
