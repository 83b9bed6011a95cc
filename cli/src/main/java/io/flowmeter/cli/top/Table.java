package io.flowmeter.cli.top;

import io.flowmeter.cli.console.TerminalSanitizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows under a line of titles, as wide as the terminal. Where it is too narrow, the columns that
 * matter least are left out; texts share what the numbers leave, and are cut to it.
 *
 * @param columns from left to right
 * @param rows each with a cell for each column
 */
record Table(List<Column> columns, List<List<Cell>> rows) {
  private static final String BETWEEN = "  ";

  /**
   * A column.
   *
   * @param rank who is left out first where there is no room: the greatest; 0 never
   * @param stretches takes what room there is, up to the widest cell, in this proportion; 0 for a
   *     column of numbers, which are right-aligned and never cut
   */
  record Column(String title, int rank, int stretches) {
    private static final int LEAST = 16;

    static Column number(String title, int rank) {
      return new Column(title, rank, 0);
    }

    static Column text(String title, int rank, int stretches) {
      return new Column(title, rank, stretches);
    }
  }

  /** The line of titles and a line for each row, none of them wider than so many columns. */
  List<String> render(int width, boolean colours) {
    List<Integer> shown = new ArrayList<>();
    int[] widest = new int[columns.size()];
    for (int i = 0; i < columns.size(); i++) {
      shown.add(i);
      widest[i] = widest(i);
    }
    while (least(shown, widest) > width && leaveOut(shown)) {
      continue;
    }
    int[] widths = widths(shown, widest, width);

    List<String> lines = new ArrayList<>();
    List<Cell> titles = new ArrayList<>();
    columns.forEach(column -> titles.add(new Cell(column.title(), Cell.Tone.BOLD)));
    lines.add(line(titles, shown, widths, colours));
    rows.forEach(row -> lines.add(line(row, shown, widths, colours)));
    return lines;
  }

  private int widest(int column) {
    return rows.stream()
        .mapToInt(row -> TerminalSanitizer.width(row.get(column).text()))
        .reduce(TerminalSanitizer.width(columns.get(column).title()), Math::max);
  }

  /** How narrow these columns could be. */
  private int least(List<Integer> shown, int[] widest) {
    int least = BETWEEN.length() * (shown.size() - 1);
    for (int i : shown) {
      least += columns.get(i).stretches() > 0 ? Math.min(widest[i], Column.LEAST) : widest[i];
    }
    return least;
  }

  private boolean leaveOut(List<Integer> shown) {
    return shown.stream()
        .max(Comparator.comparing((Integer i) -> columns.get(i).rank()))
        .filter(i -> columns.get(i).rank() > 0)
        .map(shown::remove)
        .orElse(false);
  }

  /** Texts get what they need, or share the room; who needs less than its part leaves the rest. */
  private int[] widths(List<Integer> shown, int[] widest, int width) {
    int[] widths = new int[columns.size()];
    int room = width - BETWEEN.length() * (shown.size() - 1);
    List<Integer> texts = new ArrayList<>();
    for (int i : shown) {
      if (columns.get(i).stretches() > 0) {
        texts.add(i);
      } else {
        widths[i] = widest[i];
        room -= widest[i];
      }
    }
    texts.sort(
        Comparator.comparing((Integer i) -> (double) widest[i] / columns.get(i).stretches()));
    int shares = texts.stream().mapToInt(i -> columns.get(i).stretches()).sum();
    for (int i : texts) {
      int part = shares == 0 ? 0 : Math.max(room, 0) * columns.get(i).stretches() / shares;
      widths[i] = Math.min(widest[i], part);
      room -= widths[i];
      shares -= columns.get(i).stretches();
    }
    return widths;
  }

  private String line(List<Cell> cells, List<Integer> shown, int[] widths, boolean colours) {
    StringBuilder line = new StringBuilder();
    for (int i : shown) {
      String text = TerminalSanitizer.cut(cells.get(i).text(), widths[i]);
      String padding = " ".repeat(Math.max(0, widths[i] - TerminalSanitizer.width(text)));
      String toned = colours ? cells.get(i).tone().of(text) : text;
      line.append(line.isEmpty() ? "" : BETWEEN);
      line.append(columns.get(i).stretches() > 0 ? toned + padding : padding + toned);
    }
    return line.toString().stripTrailing();
  }
}
