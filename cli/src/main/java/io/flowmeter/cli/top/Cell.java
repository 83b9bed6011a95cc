package io.flowmeter.cli.top;

import io.flowmeter.cli.console.TerminalSanitizer;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What stands in a column of a line.
 *
 * @param text visible, without controls
 */
record Cell(String text, Tone tone) {
  private static final String NOTHING = "–";

  /** How it stands out, where there are colours. */
  enum Tone {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    GOOD("32"),
    ODD("33"),
    BAD("31");

    private final String code;

    Tone(String code) {
      this.code = code;
    }

    /** The text between this tone's beginning and end. */
    String of(String text) {
      return code.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
  }

  /** A text of whatever origin. */
  static Cell text(String text) {
    return new Cell(TerminalSanitizer.visible(text), Tone.PLAIN);
  }

  static Cell nothing() {
    return new Cell(NOTHING, Tone.DIM);
  }

  /** A number of things; 0 does not stand out. */
  static Cell count(long count) {
    return new Cell(grouped(count), count == 0 ? Tone.DIM : Tone.PLAIN);
  }

  /** A number a minute, with a digit behind the point below 100. */
  static Cell perMinute(double rate) {
    String text = rate >= 100 ? grouped(Math.round(rate)) : format("%.1f", rate);
    return new Cell(text, rate == 0 ? Tone.DIM : Tone.PLAIN);
  }

  /** A share of 0 to 1, as percent, with a digit behind the point but for 0 and 100. */
  static Cell share(OptionalDouble share) {
    if (share.isEmpty()) {
      return nothing();
    }
    double percent = 100 * share.getAsDouble();
    boolean whole = percent == 0 || percent == 100;
    return new Cell(format(whole ? "%.0f %%" : "%.1f %%", percent), Tone.PLAIN);
  }

  /** A time in the unit in which it has one to three digits before the point. */
  static Cell duration(OptionalDouble ms) {
    return ms.isEmpty() ? nothing() : duration(ms.getAsDouble());
  }

  static Cell duration(double ms) {
    if (ms == 0) {
      return new Cell("0", Tone.DIM);
    }
    double seconds = ms / 1000;
    String text;
    if (ms < 999.5) {
      text = format("%.0f ms", ms);
    } else if (seconds < 99.95) {
      text = format("%.1f s", seconds);
    } else if (seconds < 5_997) {
      text = format("%.1f min", seconds / 60);
    } else {
      text = format("%.1f h", seconds / 3600);
    }
    return new Cell(text, Tone.PLAIN);
  }

  Cell toned(Tone other) {
    return new Cell(text, other);
  }

  private static String grouped(long count) {
    return format("%,d", count);
  }

  private static String format(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
