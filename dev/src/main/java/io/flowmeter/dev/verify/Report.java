package io.flowmeter.dev.verify;

import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Comparison.Difference;
import io.flowmeter.verify.Comparison.Tally;
import io.flowmeter.verify.relation.Relation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A comparison in lines for people; the last one says it all. */
public final class Report {
  private static final int MOST_OF_A_RELATION = 5;

  private Report() {}

  /**
   * A row for each relation, the first differences, and the summary.
   *
   * @param coverage in words
   * @param unseen lives that no answer showed
   */
  public static List<String> lines(Comparison comparison, String coverage, long unseen) {
    List<String> lines = new ArrayList<>();
    lines.add(row("relation", "expected", "found", "missing", "double", "wrong"));
    comparison.tallies().forEach((relation, tally) -> lines.add(row(relation, tally)));
    Map<Relation, Integer> published = new EnumMap<>(Relation.class);
    for (Difference difference : comparison.differences()) {
      if (published.merge(difference.relation(), 1, Integer::sum) <= MOST_OF_A_RELATION) {
        lines.add(difference.toString());
      }
    }
    published.forEach(
        (relation, count) -> {
          if (count > MOST_OF_A_RELATION) {
            lines.add(
                "… and %,d more in %s".formatted(count - MOST_OF_A_RELATION, relation.sqlName()));
          }
        });
    lines.add(coverage);
    lines.add("unseen " + unseen);
    lines.add(comparison.summary());
    return lines;
  }

  private static String row(Relation relation, Tally tally) {
    return row(
        relation.sqlName(),
        number(tally.expected()),
        number(tally.found()),
        number(tally.missing()),
        number(tally.doubled()),
        number(tally.wrong()));
  }

  private static String row(String relation, String... numbers) {
    StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-18s", relation));
    for (String number : numbers) {
      row.append(String.format(Locale.ROOT, " %10s", number));
    }
    return row.toString();
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
