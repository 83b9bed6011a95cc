package io.flowmeter.streams.error;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reduces an error message to the pattern that its occurrences share. IDs, numbers, UUIDs, hex
 * strings and the marks of scrubbing are folded to {@code {}}, and white space to one space.
 * Folding a pattern again changes nothing.
 *
 * <p>A message is processed token by token; a token is a sequence of letters and digits. Every rule
 * is linear in the message length.
 */
public final class ErrorPattern {
  private static final String FOLDED = "{}";

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\{(?:email|token|uuid|digits|ip|query)\\}"
              + "|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
              + "|[\\p{L}\\p{Nd}]++");

  private static final Pattern DIGITS = Pattern.compile("\\p{Nd}++");

  /**
   * A hexadecimal number: with the prefix 0x, or a mix of digits and letters of at least 6
   * characters.
   */
  private static final Pattern HEX =
      Pattern.compile("0x[0-9a-fA-F]++|(?=[0-9]*+[a-fA-F])(?=[a-fA-F]*+[0-9])[0-9a-fA-F]{6,}+");

  /** Letters and digits that alternate in at least four groups: an ID, not a word. */
  private static final Pattern MIXED =
      Pattern.compile("\\p{L}*+(?:\\p{Nd}++\\p{L}++){2,}+\\p{Nd}*+|(?:\\p{L}++\\p{Nd}++){2,}+");

  /** Numbers joined by punctuation, such as decimals, dates, times and ranges. */
  private static final Pattern JOINED = Pattern.compile("\\{\\}(?:[.,:/-]?\\{\\})++");

  /** A sign in front of a number, but not a hyphen between words. */
  private static final Pattern SIGNED = Pattern.compile("(?<![^\\s=(:,\\[])[+-]\\{\\}");

  private static final Pattern SPACE = Pattern.compile("\\s++");

  private ErrorPattern() {}

  /** Returns the pattern of a message whose runtime envelopes were removed. */
  public static String of(String message) {
    String folded =
        TOKEN.matcher(message).replaceAll(token -> Matcher.quoteReplacement(folded(token)));
    String unsigned = SIGNED.matcher(folded).replaceAll(Matcher.quoteReplacement(FOLDED));
    String joined = JOINED.matcher(unsigned).replaceAll(Matcher.quoteReplacement(FOLDED));
    return SPACE.matcher(joined).replaceAll(" ").strip();
  }

  private static String folded(MatchResult token) {
    String word = token.group();
    if (word.startsWith("{")) {
      return FOLDED;
    }
    Matcher digits = DIGITS.matcher(word);
    if (!digits.find()) {
      return word;
    }
    boolean uuid = word.indexOf('-') >= 0;
    boolean id = uuid || HEX.matcher(word).matches() || MIXED.matcher(word).matches();
    return id ? FOLDED : digits.replaceAll(Matcher.quoteReplacement(FOLDED));
  }
}
