package io.flowmeter.bench;

import java.util.Locale;

/**
 * What a benchmark found, as a line that a machine reads: {@code name value unit}.
 *
 * @param name stable, of lower-case words with underscores, grouped by dots
 * @param unit without spaces; {@code ratio} for a quotient
 */
public record Figure(String name, double value, String unit) {
  @Override
  public String toString() {
    String text =
        value == Math.rint(value) && Math.abs(value) < 1e15
            ? Long.toString((long) value)
            : String.format(Locale.ROOT, "%.4g", value);
    return name + " " + text + " " + unit;
  }
}
