package io.flowmeter.dashboards;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What is selected of a dashboard's variable.
 *
 * @param variable the variable's name
 * @param values one value, or several of a multi-value variable; of All, every one it stands for
 * @param all whether All is selected
 * @param multi whether the variable can have several values
 */
public record Selection(String variable, List<String> values, boolean all, boolean multi) {

  public Selection {
    values = List.copyOf(values);
  }

  /** The value of a variable that has just one. */
  public static Selection one(String variable, String value) {
    return new Selection(variable, List.of(value), false, false);
  }

  /** Some values of a multi-value variable. */
  public static Selection some(String variable, String... values) {
    return new Selection(variable, List.of(values), false, true);
  }

  /** All of a multi-value variable: the values that it offers. */
  public static Selection all(String variable, List<String> values) {
    return new Selection(variable, values, true, true);
  }

  /**
   * The selection as text in a query.
   *
   * @param format Grafana's name of the format, as in <code>${name:format}</code>; empty for the
   *     data source's own
   * @throws IllegalArgumentException for a format that no query for this data source needs
   */
  String as(String format) {
    return switch (format.toLowerCase(Locale.ROOT)) {
      case "" -> multi ? "'" + String.join("','", values) + "'" : String.join(",", values);
      case "singlequote" -> quoted("'", "\\'");
      case "sqlstring" -> quoted("'", "''");
      case "doublequote" -> quoted("\"", "\\\"");
      case "csv", "raw" -> String.join(",", values);
      case "pipe" -> String.join("|", values);
      default ->
          throw new IllegalArgumentException(
              "Unknown format " + format + " of the variable " + variable + "; use singlequote");
    };
  }

  private String quoted(String quote, String escaped) {
    return values.stream()
        .map(value -> quote + value.replace(quote, escaped) + quote)
        .collect(Collectors.joining(","));
  }
}
