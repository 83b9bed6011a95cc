package io.flowmeter.e2e.relations;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What is expected beside what is there, as differences that can be read. */
public final class Comparison {

  private final List<String> missing = new ArrayList<>();
  private final List<String> doubled = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  /**
   * Compares the rows of a relation. A row that nobody expects is wrong; columns that the expected
   * row leaves out are not compared.
   */
  public void add(Relation relation, List<Row> expected, List<Row> actual) {
    Map<List<Object>, Row> left = new LinkedHashMap<>();
    for (Row row : actual) {
      if (left.put(row.key(relation), row) != null) {
        doubled.add(relation.sqlName() + " " + row.key(relation));
      }
    }
    for (Row row : expected) {
      Row found = left.remove(row.key(relation));
      if (found == null) {
        missing.add(relation.sqlName() + " " + row);
      } else {
        compare(relation, row, found);
      }
    }
    left.values().forEach(row -> wrong.add(relation.sqlName() + " not expected: " + row));
  }

  /** Notes something else that is wrong. */
  public void wrong(String what) {
    wrong.add(what);
  }

  private void compare(Relation relation, Row expected, Row found) {
    List<String> differences = new ArrayList<>();
    expected
        .values()
        .forEach(
            (column, value) -> {
              if (!Objects.equals(value, found.get(column))) {
                differences.add(
                    "%s: expected %s, found %s".formatted(column, value, found.get(column)));
              }
            });
    if (!differences.isEmpty()) {
      wrong.add(
          "%s %s %s"
              .formatted(relation.sqlName(), found.key(relation), String.join("; ", differences)));
    }
  }

  public boolean isClean() {
    return missing.isEmpty() && doubled.isEmpty() && wrong.isEmpty();
  }

  /** {@code missing 0, double 0, wrong 0}. */
  public String summary() {
    return "missing %d, double %d, wrong %d"
        .formatted(missing.size(), doubled.size(), wrong.size());
  }

  /** A line for each difference. */
  public String differences() {
    return lines("missing", missing) + lines("double ", doubled) + lines("wrong  ", wrong);
  }

  private static String lines(String kind, List<String> differences) {
    return differences.stream().map(line -> kind + " " + line + "\n").collect(Collectors.joining());
  }
}
