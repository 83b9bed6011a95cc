package io.flowmeter.cli.top;

import io.flowmeter.cli.console.TerminalSanitizer;
import io.flowmeter.cli.top.Cell.Tone;
import io.flowmeter.cli.top.View.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a screen, or of a plain page.
 *
 * @param width in columns
 * @param colours whether what matters stands out
 */
record Screen(int width, boolean colours) {
  /** Steps and errors on a page; workflows stand there all. */
  private static final int FEW = 10;

  private static final int ALL = Integer.MAX_VALUE;

  /** A section's lines beside its rows: an empty one, its title, and its columns' titles. */
  private static final int FRAME = 3;

  /**
   * A table under a title.
   *
   * @param pageRows how many rows of it a page has
   */
  private record Section(String title, Table table, int pageRows, String whenEmpty) {
    int need() {
      return Math.max(table.rows().size(), 1);
    }
  }

  /**
   * All there is, for whatever is not a terminal.
   *
   * @param range as it was asked for, such as {@code 1h}
   */
  List<String> page(Figures figures, View view, String range) {
    List<String> lines = new ArrayList<>();
    lines.add(head(figures, view, range));
    for (Section section : sections(figures, view)) {
      lines.addAll(lines(section, section.pageRows()));
    }
    return lines;
  }

  /**
   * As much as there is room for. Each section gets half of the room that is left, or more where
   * those after it need less.
   *
   * @param failure why the figures are old; empty where they are not
   */
  List<String> fit(Figures figures, View view, String range, int height, String failure) {
    List<Section> sections = sections(figures, view);
    int room = height - 2 - FRAME * sections.size();
    List<String> lines = new ArrayList<>();
    lines.add(head(figures, view, range));
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      int part = Math.max(room / 2, room - needed(sections, i + 1));
      int rows = Math.min(section.need(), Math.max(1, part));
      room -= rows;
      lines.addAll(lines(section, rows));
    }
    while (lines.size() < height - 1) {
      lines.add("");
    }
    lines.subList(Math.max(height - 1, 1), lines.size()).clear();
    lines.add(
        failure.isEmpty()
            ? toned(View.KEYS, Tone.DIM)
            : toned("! " + TerminalSanitizer.visible(failure), Tone.ODD));
    return lines;
  }

  /** What the sections from this one on would need, to show all they have. */
  private static int needed(List<Section> sections, int from) {
    return sections.stream().skip(from).mapToInt(Section::need).sum();
  }

  private static List<Section> sections(Figures figures, View view) {
    List<Section> sections = new ArrayList<>();
    if (view.shows(Part.WORKFLOWS)) {
      sections.add(
          new Section(
              "Workflows", Tables.workflows(figures, view), ALL, "No workflow is known yet."));
    }
    if (view.shows(Part.STEPS)) {
      sections.add(
          new Section("Worst steps", Tables.steps(figures), FEW, "No step failed or lost time."));
    }
    if (view.shows(Part.ERRORS)) {
      sections.add(new Section("Newest errors", Tables.errors(figures), FEW, "No run failed."));
    }
    return sections;
  }

  private List<String> lines(Section section, int rows) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(toned(section.title(), Tone.BOLD));
    if (section.table().rows().isEmpty()) {
      lines.add(toned(section.whenEmpty(), Tone.DIM));
      return lines;
    }
    List<String> table = section.table().render(width, colours);
    int shown = Math.min(rows, table.size() - 1);
    lines.addAll(table.subList(0, 1 + shown));
    int more = table.size() - 1 - shown;
    if (more > 0) {
      lines.set(
          1, toned("%s (%d of %d)".formatted(section.title(), shown, shown + more), Tone.BOLD));
    }
    return lines;
  }

  private String head(Figures figures, View view, String range) {
    long open = figures.openSpikes();
    String head =
        "Flowmeter, last %s, %s%s, by %s%s"
            .formatted(
                range,
                figures
                    .seenAt()
                    .map(at -> "seen until " + Tables.time(at) + " UTC")
                    .orElse("nothing seen yet"),
                open == 0 ? "" : open == 1 ? ", 1 spike open" : ", " + open + " spikes open",
                view.order(),
                view.reversed() ? ", reversed" : "");
    return toned(head, open == 0 ? Tone.PLAIN : Tone.BAD);
  }

  private String toned(String text, Tone tone) {
    String cut = TerminalSanitizer.cut(text, width);
    return colours ? tone.of(cut) : cut;
  }
}
