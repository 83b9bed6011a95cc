package io.flowmeter.cli.query;

import io.flowmeter.cli.settings.SettingsException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How {@code flowmeter sql} prints a result. */
public enum AnswerFormat {
  /** Aligned columns for a terminal, with names and types. */
  TABLE("TabSeparatedWithNamesAndTypes"),
  /** A line per row, a tab between values. */
  TSV("TabSeparated"),
  /** A line per row, which is a JSON object. */
  JSON("JSONEachRow");

  private final String clickHouse;

  AnswerFormat(String clickHouse) {
    this.clickHouse = clickHouse;
  }

  /** ClickHouse's name of the format in which the rows are requested. */
  public String clickHouse() {
    return clickHouse;
  }

  /**
   * The format of that name.
   *
   * @param name in lower case
   * @throws SettingsException if no format has this name
   */
  public static AnswerFormat named(String name) {
    return Stream.of(values())
        .filter(format -> format.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new SettingsException(
                    "--format: expected one of %s, came \"%s\""
                        .formatted(String.join(", ", new Names()), name)));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All names, for the help and for shell completion. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of(values()).stream().map(AnswerFormat::toString).iterator();
    }
  }
}
