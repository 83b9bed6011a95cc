package io.flowmeter.cli.console;

import java.util.Locale;

/**
 * Text of unknown origin on a terminal: names of steps and messages may hold whatever their authors
 * put into them. What would move the cursor, change colours or turn the direction of what follows
 * is shown as an escape, and widths are counted in the columns that a terminal takes.
 */
public final class TerminalSanitizer {
  private static final char CUT = '…';

  private TerminalSanitizer() {}

  /** The text with every character visible, none of which is a control. */
  public static String visible(String text) {
    if (text.codePoints().noneMatch(TerminalSanitizer::isHidden)) {
      return text;
    }
    StringBuilder visible = new StringBuilder();
    text.codePoints().forEach(c -> append(visible, c));
    return visible.toString();
  }

  private static void append(StringBuilder visible, int c) {
    switch (c) {
      case '\n' -> visible.append("\\n");
      case '\r' -> visible.append("\\r");
      case '\t' -> visible.append("\\t");
      default -> {
        if (isHidden(c)) {
          visible.append(String.format(Locale.ROOT, "\\u{%x}", c));
        } else {
          visible.appendCodePoint(c);
        }
      }
    }
  }

  /** Controls, formats (which turn directions), separators of lines, and what is no character. */
  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  /** The columns that a visible text takes. */
  public static int width(String text) {
    return text.codePoints().map(TerminalSanitizer::width).sum();
  }

  /** The text, or its beginning and an ellipsis, in so many columns at most. */
  public static String cut(String text, int columns) {
    if (width(text) <= columns) {
      return text;
    }
    StringBuilder begin = new StringBuilder();
    int left = columns - 1;
    for (int c : text.codePoints().toArray()) {
      left -= width(c);
      if (left < 0) {
        break;
      }
      begin.appendCodePoint(c);
    }
    return columns < 1 ? "" : begin.append(CUT).toString();
  }

  private static int width(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    return isWide(c) ? 2 : 1;
  }

  /** East Asian Wide and Fullwidth, and emoji, by blocks (Unicode Standard Annex 11). */
  private static boolean isWide(int c) {
    return c >= 0x1100
        && (c <= 0x115F
            || (c >= 0x2E80 && c <= 0x303E)
            || (c >= 0x3041 && c <= 0xA4CF)
            || (c >= 0xA960 && c <= 0xA97C)
            || (c >= 0xAC00 && c <= 0xD7A3)
            || (c >= 0xF900 && c <= 0xFAFF)
            || (c >= 0xFE30 && c <= 0xFE6F)
            || (c >= 0xFF01 && c <= 0xFF60)
            || (c >= 0xFFE0 && c <= 0xFFE6)
            || (c >= 0x1F300 && c <= 0x1F64F)
            || (c >= 0x1F680 && c <= 0x1F6FF)
            || (c >= 0x1F900 && c <= 0x1F9FF)
            || (c >= 0x20000 && c <= 0x3FFFD));
  }
}
