package io.flowmeter.dashboards;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A macro as it stands in a query: <code>$__name</code> or <code>$__name(argument, …)</code>.
 *
 * @param name without its prefix
 * @param arguments trimmed; empty where there are no parentheses, or nothing in them
 * @param start where it begins in the query
 * @param end where the query goes on after it
 */
record MacroCall(String name, List<String> arguments, int start, int end) {

  static final String PREFIX = "$__";

  /** The last call that begins before {@code before}; of nested ones, that is the innermost. */
  static Optional<MacroCall> lastBefore(String sql, int before) {
    int start = sql.lastIndexOf(PREFIX, before - 1);
    return start < 0 ? Optional.empty() : Optional.of(at(sql, start));
  }

  private static MacroCall at(String sql, int start) {
    int end = start + PREFIX.length();
    while (end < sql.length() && isOfName(sql.charAt(end))) {
      end++;
    }
    String name = sql.substring(start + PREFIX.length(), end);
    if (end == sql.length() || sql.charAt(end) != '(') {
      return new MacroCall(name, List.of(), start, end);
    }
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int argument = end + 1;
    for (int at = end; at < sql.length(); at++) {
      char c = sql.charAt(at);
      if (c == '(') {
        depth++;
      } else if (c == ',' && depth == 1) {
        arguments.add(sql.substring(argument, at).strip());
        argument = at + 1;
      } else if (c == ')' && --depth == 0) {
        String last = sql.substring(argument, at).strip();
        if (!last.isEmpty() || !arguments.isEmpty()) {
          arguments.add(last);
        }
        return new MacroCall(name, List.copyOf(arguments), start, at + 1);
      }
    }
    throw new IllegalArgumentException("No closing parenthesis for " + sql.substring(start));
  }

  String argument(int index, int expected) {
    if (arguments.size() != expected) {
      throw new IllegalArgumentException(
          PREFIX + name + " expected " + expected + " argument(s), received " + arguments.size());
    }
    return arguments.get(index);
  }

  private static boolean isOfName(char c) {
    return c == '_' || (c < 128 && Character.isLetterOrDigit(c));
  }
}
