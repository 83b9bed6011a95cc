package io.flowmeter.cli.query;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** ClickHouse's format TabSeparated, whose texts have no tab and no line feed of their own. */
public final class TabSeparated {
  /** A NULL, which no text can be: its backslash would be two. */
  public static final String NULL = "\\N";

  private TabSeparated() {}

  /** The values of each line, as they were before they were escaped; a NULL is {@link #NULL}. */
  public static Stream<List<String>> rows(String text) {
    return text.lines()
        .map(line -> Stream.of(line.split("\t", -1)).map(TabSeparated::value).toList());
  }

  /** The values of a line, as they were before they were escaped; a NULL is empty. */
  static List<Optional<String>> cells(String line) {
    return Stream.of(line.split("\t", -1))
        .map(escaped -> Optional.of(escaped).filter(text -> !text.equals(NULL)))
        .map(cell -> cell.map(TabSeparated::value))
        .toList();
  }

  private static String value(String escaped) {
    if (escaped.indexOf('\\') < 0 || escaped.equals(NULL)) {
      return escaped;
    }
    StringBuilder value = new StringBuilder(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c != '\\' || i + 1 == escaped.length()) {
        value.append(c);
        continue;
      }
      i++;
      char name = escaped.charAt(i);
      value.append(
          switch (name) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '0' -> '\0';
            default -> name;
          });
    }
    return value.toString();
  }
}
