package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * Adds rows of a rollup. The schema determines the role of each field: strings and times are the
 * key, and whole numbers and buckets are added. The fields {@code part}, {@code revision} and
 * {@code deleted} are neither. With {@link #zero}, the rows of one key are an abelian group.
 *
 * @param <R> the rollup's row
 */
public final class RollupAlgebra<R extends SpecificRecord> {
  private static final Set<String> INTERNAL = Set.of("part", "revision", "deleted");

  private final Supplier<R> newRow;
  private final int[] keys;
  private final int[] numbers;
  private final int[] buckets;
  private final int part;
  private final int revision;
  private final int deleted;

  /**
   * @param newRow supplies an empty row whose fields are unset
   */
  public RollupAlgebra(Schema schema, Supplier<R> newRow) {
    this.newRow = newRow;
    List<Integer> keysOf = new ArrayList<>();
    List<Integer> numbersOf = new ArrayList<>();
    List<Integer> bucketsOf = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (INTERNAL.contains(field.name())) {
        continue;
      }
      Schema type = field.schema();
      boolean isNumber = type.getType() == Schema.Type.LONG && type.getLogicalType() == null;
      List<Integer> positions =
          isNumber ? numbersOf : type.getType() == Schema.Type.ARRAY ? bucketsOf : keysOf;
      positions.add(field.pos());
    }
    keys = keysOf.stream().mapToInt(Integer::intValue).toArray();
    numbers = numbersOf.stream().mapToInt(Integer::intValue).toArray();
    buckets = bucketsOf.stream().mapToInt(Integer::intValue).toArray();
    part = schema.getField("part").pos();
    revision = schema.getField("revision").pos();
    deleted = schema.getField("deleted").pos();
  }

  /** A running sum of rows of one key. */
  public final class Sum {
    private final Object[] key;
    private final long[] counts = new long[numbers.length];
    private final BucketSum[] bucketSums = new BucketSum[buckets.length];

    /** Holds only the key and not the row, because many sums stay open for a long time. */
    private Sum(Object[] key) {
      this.key = key;
      Arrays.setAll(bucketSums, at -> new BucketSum());
    }

    public void add(R row) {
      add(row, 1);
    }

    /** Subtracts a row of the same key. */
    public void subtract(R row) {
      add(row, -1);
    }

    private void add(R row, int times) {
      for (int i = 0; i < numbers.length; i++) {
        counts[i] += times * (Long) row.get(numbers[i]);
      }
      for (int i = 0; i < buckets.length; i++) {
        bucketSums[i].add(bucketsOf(row, buckets[i]), times);
      }
    }

    /** Returns whether all numbers and buckets are zero. */
    public boolean isZero() {
      for (long count : counts) {
        if (count != 0) {
          return false;
        }
      }
      for (BucketSum sum : bucketSums) {
        if (!sum.isZero()) {
          return false;
        }
      }
      return true;
    }

    /** Returns the current sum as the row of a partial aggregate. */
    public R row(long publishedPart, long publishedRevision) {
      R row = newRow.get();
      for (int i = 0; i < keys.length; i++) {
        row.put(keys[i], key[i]);
      }
      for (int i = 0; i < numbers.length; i++) {
        row.put(numbers[i], counts[i]);
      }
      for (int i = 0; i < buckets.length; i++) {
        row.put(buckets[i], bucketSums[i].buckets());
      }
      row.put(part, publishedPart);
      row.put(revision, publishedRevision);
      row.put(deleted, false);
      return row;
    }
  }

  /** Returns an empty sum for the key of this row; the row itself is not added. */
  public Sum sumOf(R keyed) {
    return new Sum(keyOf(keyed));
  }

  /** Returns the key of a row as text. The relation has one row per key. */
  public String key(R row) {
    StringJoiner key = new StringJoiner("\0");
    for (int at : keys) {
      key.add(row.get(at).toString());
    }
    return key.toString();
  }

  /**
   * Returns the key of a row as a list, without formatting it as text. Two are equal if the keys
   * are.
   */
  public Object keyValues(R row) {
    return Arrays.asList(keyOf(row));
  }

  private Object[] keyOf(R row) {
    Object[] values = new Object[keys.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(keys[i]);
    }
    return values;
  }

  /** Returns the sum of two rows of the same key; part and revision are 0. */
  public R sum(R one, R other) {
    Sum sum = sumOf(one);
    sum.add(one);
    sum.add(other);
    return sum.row(0, 0);
  }

  /** Returns the row that retracts this one when added. */
  public R negated(R row) {
    Sum sum = sumOf(row);
    sum.subtract(row);
    return sum.row(0, 0);
  }

  /** Returns a row of the same key whose numbers and buckets are zero. */
  public R zero(R row) {
    return sumOf(row).row(0, 0);
  }

  /** Returns whether all numbers and buckets of the row are zero. */
  public boolean isZero(R row) {
    for (int at : numbers) {
      if ((Long) row.get(at) != 0) {
        return false;
      }
    }
    for (int at : buckets) {
      if (!bucketsOf(row, at).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the rows that turn the first list into the second when added. Each key has at most one
   * row, and no row is zero.
   */
  public List<R> difference(List<R> before, List<R> after) {
    Map<Object, Sum> sums = new LinkedHashMap<>();
    if (before.isEmpty() && haveDistinctKeys(after)) {
      return after.stream().filter(row -> !isZero(row)).toList();
    }
    before.forEach(row -> sumIn(sums, row).subtract(row));
    after.forEach(row -> sumIn(sums, row).add(row));
    List<R> difference = new ArrayList<>(sums.size());
    for (Sum sum : sums.values()) {
      if (!sum.isZero()) {
        difference.add(sum.row(0, 0));
      }
    }
    return difference;
  }

  private boolean haveDistinctKeys(List<R> rows) {
    Set<Object> seen = new HashSet<>();
    for (R row : rows) {
      if (!seen.add(keyValues(row))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the name of the row's partial aggregate. */
  public long part(R row) {
    return (Long) row.get(part);
  }

  private Sum sumIn(Map<Object, Sum> sums, R row) {
    return sums.computeIfAbsent(keyValues(row), absent -> sumOf(row));
  }

  @SuppressWarnings("unchecked")
  private List<Bucket> bucketsOf(R row, int at) {
    return (List<Bucket>) row.get(at);
  }
}
