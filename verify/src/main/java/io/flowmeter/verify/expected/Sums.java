package io.flowmeter.verify.expected;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Relation.Stretches;
import io.flowmeter.verify.relation.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Rollups over longer stretches of time, added up from minutes. */
public final class Sums {

  private Sums() {}

  /**
   * The rows of a relation that sums minutes.
   *
   * @param minutes rows of the relation that it sums
   */
  public static List<Row> ofMinutes(Relation relation, List<Row> minutes) {
    Stretches stretches = relation.intervals().orElseThrow();
    long length = stretches.length().toMillis();
    return sum(
        relation,
        minutes.stream()
            .map(
                minute -> {
                  long at = minute.number("minute");
                  return copy(relation, minute)
                      .with(stretches.column(), at - Math.floorMod(at, length));
                }));
  }

  /** One row a key; none of a key that counts nothing. */
  public static List<Row> ofRows(Relation relation, List<Row> rows) {
    return sum(relation, rows.stream().map(row -> copy(relation, row)));
  }

  private static List<Row> sum(Relation relation, Stream<Row> rows) {
    Map<List<Object>, Row> sums = new LinkedHashMap<>();
    rows.forEach(
        row -> sums.merge(row.key(relation), row, (sum, more) -> add(relation, sum, more)));
    List<Row> counting = new ArrayList<>(sums.values());
    counting.removeIf(row -> relation.columns().stream().allMatch(column -> isZero(row, column)));
    return counting;
  }

  private static Row copy(Relation relation, Row row) {
    Row copy = new Row();
    relation.key().forEach(column -> copy.with(column, row.get(column)));
    for (String column : relation.columns()) {
      if (isBuckets(column)) {
        copy.with(column, ExpectedBuckets.none());
        addBuckets(copy.buckets(column), row.buckets(column));
      } else {
        copy.with(column, row.get(column));
      }
    }
    return copy;
  }

  private static Row add(Relation relation, Row sum, Row more) {
    for (String column : relation.columns()) {
      if (isBuckets(column)) {
        addBuckets(sum.buckets(column), more.buckets(column));
      } else {
        sum.plus(column, more.number(column));
      }
    }
    return sum;
  }

  private static void addBuckets(SortedMap<Long, Long> sum, SortedMap<Long, Long> more) {
    more.forEach(
        (bucket, count) ->
            sum.merge(bucket, count, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b)));
  }

  private static boolean isZero(Row row, String column) {
    return isBuckets(column) ? row.buckets(column).isEmpty() : row.number(column) == 0;
  }

  private static boolean isBuckets(String column) {
    return column.endsWith("_buckets");
  }
}
