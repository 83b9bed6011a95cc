package io.flowmeter.streams.error;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message without what differs from one time to the next: ids, numbers, UUIDs, hex and the marks
 * that scrubbing left in their place are folded to {@code {}}, and white space to one space.
 * Folding a pattern again changes nothing.
 *
 * <p>A message is taken word by word, a word being a run of letters and digits. Every rule is
 * linear in the message.
 */
public final class ErrorPattern {
  private static final String FOLDED = "{}";

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\{(?:email|token|uuid|digits|ip|query)\\}"
              + "|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
              + "|[\\p{L}\\p{Nd}]++");

  private static final Pattern DIGITS = Pattern.compile("\\p{Nd}++");

  /** A word that is a number to base 16: written as one, or of six signs and more. */
  private static final Pattern HEX =
      Pattern.compile("0x[0-9a-fA-F]++|(?=[0-9]*+[a-fA-F])(?=[a-fA-F]*+[0-9])[0-9a-fA-F]{6,}+");

  /** Letters and digits that take turns at least four times: nobody's word, but somebody's id. */
  private static final Pattern MIXED =
      Pattern.compile("\\p{L}*+(?:\\p{Nd}++\\p{L}++){2,}+\\p{Nd}*+|(?:\\p{L}++\\p{Nd}++){2,}+");

  /** Numbers with points, dates, times, ranges: one thing. */
  private static final Pattern JOINED = Pattern.compile("\\{\\}(?:[.,:/-]?\\{\\})++");

  /** What stands before a number as its sign, and not between words. */
  private static final Pattern SIGNED = Pattern.compile("(?<![^\\s=(:,\\[])[+-]\\{\\}");

  private static final Pattern SPACE = Pattern.compile("\\s++");

  private ErrorPattern() {}

  /** Of a message without the runtime's envelopes. */
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
