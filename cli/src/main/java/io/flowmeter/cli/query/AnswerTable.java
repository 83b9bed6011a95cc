package io.flowmeter.cli.query;

import io.flowmeter.cli.console.TerminalSanitizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A result as a table for a terminal, with the columns' names and ClickHouse types in its head.
 * Numbers are aligned right and never cut; texts are cut to the terminal's width. If a row cannot
 * fit, its values are printed one below the other. Control characters are printed as escapes.
 */
public final class AnswerTable {
  /** As ClickHouse's own client prints it. */
  static final String NULL = "ᴺᵁᴸᴸ";

  /** The first rows decide on the widths; all others are printed while they are read. */
  private static final int MEASURED_ROWS = 1_000;

  /** Texts are not cut to less than this, and no more of a type makes a column wider. */
  private static final int MIN_TEXT = 16;

  private static final String GAP = "  ";
  private static final Pattern NUMBER =
      Pattern.compile("(Nullable\\(|LowCardinality\\()*(U?Int|B?Float|Decimal)\\d*.*");
  private static final String BOLD = "1";
  private static final String DIM = "2";

  private final int columns;
  private final boolean colours;

  /**
   * @param columns of the terminal
   * @param colours whether names, types and NULL are emphasized
   */
  public AnswerTable(int columns, boolean colours) {
    // The last one stays free: some terminals wrap a line that reaches it.
    this.columns = columns - 1;
    this.colours = colours;
  }

  private record Field(String name, String type, boolean number, int width) {
    Field as(int otherWidth) {
      return new Field(name, type, number, otherWidth);
    }

    boolean canShrink() {
      return !number && width > Math.max(MIN_TEXT, TerminalSanitizer.width(name));
    }

    Field withType() {
      return as(Math.max(width, Math.min(MIN_TEXT, TerminalSanitizer.width(type))));
    }
  }

  /**
   * Prints all rows.
   *
   * @param lines in ClickHouse's format TabSeparatedWithNamesAndTypes
   * @return how many rows there were
   * @throws IOException if rows cannot be read, or not be written
   */
  public long print(BufferedReader lines, Writer out) throws IOException {
    String names = lines.readLine();
    String types = lines.readLine();
    if (names == null || types == null) {
      return 0;
    }
    List<List<String>> first = new ArrayList<>();
    String line = lines.readLine();
    while (line != null && first.size() < MEASURED_ROWS) {
      first.add(row(line));
      line = lines.readLine();
    }
    Layout layout = layout(fields(row(names), row(types), first));
    layout.head(out);
    long count = 0;
    for (List<String> row : first) {
      layout.row(++count, row, out);
    }
    while (line != null) {
      layout.row(++count, row(line), out);
      line = lines.readLine();
    }
    out.flush();
    return count;
  }

  private static List<String> row(String line) {
    return TabSeparated.cells(line).stream()
        .map(cell -> cell.map(TerminalSanitizer::visible).orElse(NULL))
        .toList();
  }

  private static List<Field> fields(
      List<String> names, List<String> types, List<List<String>> rows) {
    return IntStream.range(0, names.size())
        .mapToObj(
            i ->
                new Field(
                    names.get(i),
                    types.get(i),
                    NUMBER.matcher(types.get(i)).matches(),
                    rows.stream()
                        .mapToInt(row -> TerminalSanitizer.width(row.get(i)))
                        .reduce(TerminalSanitizer.width(names.get(i)), Math::max)))
        .toList();
  }

  private Layout layout(List<Field> fields) {
    List<Field> across = fields.stream().map(Field::withType).toList();
    if (fits(across)) {
      return new Across(across);
    }
    across = new ArrayList<>(fields);
    while (!fits(across)) {
      Optional<Field> widest =
          across.stream().filter(Field::canShrink).max(Comparator.comparingInt(Field::width));
      if (widest.isEmpty()) {
        return new Down(fields);
      }
      across.set(across.indexOf(widest.get()), widest.get().as(widest.get().width() - 1));
    }
    return new Across(across);
  }

  private boolean fits(List<Field> fields) {
    return fields.stream().mapToInt(field -> field.width() + GAP.length()).sum() - GAP.length()
        <= columns;
  }

  private sealed interface Layout {
    void head(Writer out) throws IOException;

    void row(long number, List<String> cells, Writer out) throws IOException;
  }

  /** A line per row. */
  private final class Across implements Layout {
    private final List<Field> fields;

    Across(List<Field> fields) {
      this.fields = fields;
    }

    @Override
    public void head(Writer out) throws IOException {
      line(fields.stream().map(field -> emphasized(BOLD, pad(field, field.name()))), out);
      line(
          fields.stream()
              .map(
                  field ->
                      emphasized(
                          DIM, pad(field, TerminalSanitizer.cut(field.type(), field.width())))),
          out);
      line(fields.stream().map(field -> "─".repeat(field.width())), out);
    }

    @Override
    public void row(long number, List<String> cells, Writer out) throws IOException {
      line(
          IntStream.range(0, fields.size())
              .mapToObj(i -> cell(cells.get(i), pad(fields.get(i), cells.get(i)))),
          out);
    }

    private static String pad(Field field, String text) {
      String fitting = field.number() ? text : TerminalSanitizer.cut(text, field.width());
      String blanks = " ".repeat(Math.max(0, field.width() - TerminalSanitizer.width(fitting)));
      return field.number() ? blanks + fitting : fitting + blanks;
    }
  }

  /** A line per value. */
  private final class Down implements Layout {
    private final List<Field> fields;
    private final int nameWidth;
    private final int typeWidth;

    Down(List<Field> fields) {
      this.fields = fields;
      this.nameWidth = widest(field -> TerminalSanitizer.width(field.name()));
      this.typeWidth = Math.min(MIN_TEXT, widest(field -> TerminalSanitizer.width(field.type())));
    }

    private int widest(ToIntFunction<Field> width) {
      return fields.stream().mapToInt(width).max().orElse(0);
    }

    @Override
    public void head(Writer out) {
      // Each value has its name and type beside it.
    }

    @Override
    public void row(long number, List<String> cells, Writer out) throws IOException {
      int left = Math.max(MIN_TEXT, columns - nameWidth - typeWidth - 2 * GAP.length());
      line(Stream.of("── row " + number), out);
      for (int i = 0; i < fields.size(); i++) {
        Field field = fields.get(i);
        String text = cells.get(i);
        line(
            Stream.of(
                emphasized(BOLD, fill(field.name(), nameWidth)),
                emphasized(DIM, fill(TerminalSanitizer.cut(field.type(), typeWidth), typeWidth)),
                cell(text, field.number() ? text : TerminalSanitizer.cut(text, left))),
            out);
      }
    }

    private static String fill(String text, int width) {
      return text + " ".repeat(width - TerminalSanitizer.width(text));
    }
  }

  private static void line(Stream<String> cells, Writer out) throws IOException {
    out.write(cells.collect(Collectors.joining(GAP)).stripTrailing());
    out.write('\n');
  }

  private String cell(String text, String padded) {
    return text.equals(NULL) ? emphasized(DIM, padded) : padded;
  }

  private String emphasized(String code, String text) {
    return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
