package io.flowmeter.ingest.privacy;

/** Cuts texts that are too long, with a mark at the cut. */
public final class LongText {
  /**
   * Longer texts are cut, so that any step fits into a message, whatever a program throws: bytes of
   * UTF-8.
   */
  public static final int MOST_BYTES = 4 * 1024;

  /** Stands where a text was cut. */
  public static final String MARK = "… [cut by Flowmeter]";

  private static final int MARK_BYTES = MARK.length() + 2;
  private static final int LONGEST_WORD = 512;

  private LongText() {}

  /** Cuts a text to {@link #MOST_BYTES}. */
  public static String cut(String text) {
    return cut(text, MOST_BYTES);
  }

  /**
   * Cuts a text to so many bytes of UTF-8, the mark included, between two characters.
   *
   * @param most bytes, more than the mark has
   */
  static String cut(String text, int most) {
    if (text.length() * 3L <= most) {
      return text;
    }
    int bytes = 0;
    int fits = 0;
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (bytes > most) {
        return text.substring(0, fits) + MARK;
      }
      at += Character.charCount(point);
      if (bytes <= most - MARK_BYTES) {
        fits = at;
      }
    }
    return text;
  }

  /** Puts the mark behind whole words: a space before it tells that no half word is left. */
  static String marked(String words) {
    boolean spaced = words.isEmpty() || Character.isWhitespace(words.charAt(words.length() - 1));
    return spaced ? words + MARK : words + " " + MARK;
  }

  static boolean isCut(String text) {
    return text.endsWith(MARK);
  }

  /**
   * What stands before the mark, without the word that the cut left half, for half an address or
   * token is not recognised as one. Of a longer word the last 512 characters are taken off.
   */
  static String wholeWords(String cut) {
    int end = cut.length() - MARK.length();
    int at = end;
    while (at > Math.max(0, end - LONGEST_WORD) && !Character.isWhitespace(cut.charAt(at - 1))) {
      at--;
    }
    if (at > 0 && Character.isHighSurrogate(cut.charAt(at - 1))) {
      at--;
    }
    return cut.substring(0, at);
  }
}
