package io.flowmeter.verify;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What is expected beside what is there: numbers for each relation, and differences in words. */
public final class Comparison {

  /** How a row can differ from what is expected. */
  public enum Kind {
    MISSING,
    DOUBLE,
    WRONG
  }

  /** One difference; it names the row's key. */
  public record Difference(Relation relation, Kind kind, String what) {
    @Override
    public String toString() {
      return kind.name().toLowerCase(Locale.ROOT) + " in " + relation.sqlName() + ": " + what;
    }
  }

  /** The numbers of one relation. */
  public record Tally(long expected, long found, long missing, long doubled, long wrong) {
    private Tally plus(Tally more) {
      return new Tally(
          expected + more.expected,
          found + more.found,
          missing + more.missing,
          doubled + more.doubled,
          wrong + more.wrong);
    }
  }

  private static final Tally NONE = new Tally(0, 0, 0, 0, 0);

  private final Map<Relation, Tally> tallies = new EnumMap<>(Relation.class);
  private final List<Difference> differences = new ArrayList<>();

  /**
   * Compares rows of a relation. A row that nobody expects is wrong; columns that the expected row
   * leaves out are not compared.
   */
  public void add(Relation relation, List<Row> expected, List<Row> found) {
    count(relation, new Tally(expected.size(), found.size(), 0, 0, 0));
    Map<List<Object>, Row> left = new LinkedHashMap<>();
    for (Row row : found) {
      List<Object> key = row.key(relation);
      if (left.put(key, row) != null) {
        doubled(relation, key);
      }
    }
    for (Row row : expected) {
      List<Object> key = row.key(relation);
      Row there = left.remove(key);
      if (there == null) {
        differ(relation, Kind.MISSING, key + ": expected " + row);
      } else {
        compare(relation, key, row, there);
      }
    }
    left.forEach((key, row) -> differ(relation, Kind.WRONG, key + ": nobody expects " + row));
  }

  /** Counts rows that were compared otherwise, each of which is expected and there. */
  public void compared(Relation relation, long rows) {
    count(relation, new Tally(rows, rows, 0, 0, 0));
  }

  /** Notes a key that is there more than once. */
  public void doubled(Relation relation, List<Object> key) {
    differ(relation, Kind.DOUBLE, key + " is there more than once");
  }

  /** Notes something that is missing. */
  public void missing(Relation relation, List<Object> key, String what) {
    differ(relation, Kind.MISSING, key + ": " + what);
  }

  /** Notes something that is wrong. */
  public void wrong(Relation relation, List<Object> key, String what) {
    differ(relation, Kind.WRONG, key + ": " + what);
  }

  private void compare(Relation relation, List<Object> key, Row expected, Row found) {
    List<String> columns = new ArrayList<>();
    expected
        .values()
        .forEach(
            (column, value) -> {
              if (!Objects.equals(value, found.get(column))) {
                columns.add(
                    "%s: expected %s, found %s".formatted(column, value, found.get(column)));
              }
            });
    if (!columns.isEmpty()) {
      wrong(relation, key, String.join("; ", columns));
    }
  }

  private void differ(Relation relation, Kind kind, String what) {
    differences.add(new Difference(relation, kind, what));
    count(
        relation,
        new Tally(
            0,
            0,
            kind == Kind.MISSING ? 1 : 0,
            kind == Kind.DOUBLE ? 1 : 0,
            kind == Kind.WRONG ? 1 : 0));
  }

  private void count(Relation relation, Tally more) {
    tallies.merge(relation, more, Tally::plus);
  }

  public boolean isClean() {
    return differences.isEmpty();
  }

  /** By relation, those that were compared. */
  public Map<Relation, Tally> tallies() {
    return tallies;
  }

  public List<Difference> differences() {
    return List.copyOf(differences);
  }

  /** {@code verified F facts: missing 0, double 0, wrong 0}. */
  public String summary() {
    Tally all = tallies.values().stream().reduce(NONE, Tally::plus);
    return "verified %d facts: missing %d, double %d, wrong %d"
        .formatted(all.expected(), all.missing(), all.doubled(), all.wrong());
  }
}
