package io.flowmeter.streams.rollup;

import io.flowmeter.schemas.rollup.Bucket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * Adding rows of a rollup up. The schema says how: texts and times are the key, whole numbers and
 * buckets are added, and only {@code part}, {@code revision} and {@code deleted} are neither. With
 * {@link #zero}, rows of one key are an abelian group.
 *
 * @param <R> the rollup's row
 */
public final class RollupAlgebra<R extends SpecificRecord> {
  private static final Set<String> HIDDEN = Set.of("part", "revision", "deleted");

  private final Supplier<R> newRow;
  private final List<Integer> keys = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private final List<Integer> buckets = new ArrayList<>();
  private final int part;
  private final int revision;
  private final int deleted;

  /**
   * @param newRow an empty row, its fields yet unset
   */
  public RollupAlgebra(Schema schema, Supplier<R> newRow) {
    this.newRow = newRow;
    for (Schema.Field field : schema.getFields()) {
      if (HIDDEN.contains(field.name())) {
        continue;
      }
      Schema type = field.schema();
      boolean isNumber = type.getType() == Schema.Type.LONG && type.getLogicalType() == null;
      List<Integer> positions =
          isNumber ? numbers : type.getType() == Schema.Type.ARRAY ? buckets : keys;
      positions.add(field.pos());
    }
    part = schema.getField("part").pos();
    revision = schema.getField("revision").pos();
    deleted = schema.getField("deleted").pos();
  }

  /** The key of a row: what the relation has one row for. */
  public String key(R row) {
    StringJoiner key = new StringJoiner("\0");
    keys.forEach(at -> key.add(row.get(at).toString()));
    return key.toString();
  }

  /** The same without making it a text. */
  private List<Object> keyValues(R row) {
    Object[] values = new Object[keys.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(keys.get(i));
    }
    return Arrays.asList(values);
  }

  /** The sum of two rows of the same key; part and revision are 0. */
  public R sum(R one, R other) {
    R sum = keyed(one);
    numbers.forEach(at -> sum.put(at, (Long) one.get(at) + (Long) other.get(at)));
    buckets.forEach(at -> sum.put(at, Buckets.sum(bucketsOf(one, at), bucketsOf(other, at))));
    return sum;
  }

  /** What takes the row back when added. */
  public R negated(R row) {
    R negated = keyed(row);
    numbers.forEach(at -> negated.put(at, -(Long) row.get(at)));
    buckets.forEach(at -> negated.put(at, Buckets.negated(bucketsOf(row, at))));
    return negated;
  }

  /** A row of the same key that counts nothing. */
  public R zero(R row) {
    R zero = keyed(row);
    numbers.forEach(at -> zero.put(at, 0L));
    buckets.forEach(at -> zero.put(at, List.of()));
    return zero;
  }

  /** The row counts nothing. */
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
   * What must be added to one list of rows to make it the other: a row a key, none that counts
   * nothing.
   */
  public List<R> difference(List<R> before, List<R> after) {
    Map<List<Object>, R> difference = new LinkedHashMap<>();
    before.forEach(row -> difference.merge(keyValues(row), negated(row), this::sum));
    after.forEach(row -> difference.merge(keyValues(row), row, this::sum));
    return difference.values().stream().filter(row -> !isZero(row)).toList();
  }

  /** The row under another part and revision. */
  public R told(R row, long toldPart, long toldRevision) {
    R told = keyed(row);
    numbers.forEach(at -> told.put(at, row.get(at)));
    buckets.forEach(at -> told.put(at, row.get(at)));
    told.put(part, toldPart);
    told.put(revision, toldRevision);
    return told;
  }

  public long part(R row) {
    return (Long) row.get(part);
  }

  public long revision(R row) {
    return (Long) row.get(revision);
  }

  private R keyed(R row) {
    R keyed = newRow.get();
    keys.forEach(at -> keyed.put(at, row.get(at)));
    keyed.put(part, 0L);
    keyed.put(revision, 0L);
    keyed.put(deleted, false);
    return keyed;
  }

  @SuppressWarnings("unchecked")
  private List<Bucket> bucketsOf(R row, int at) {
    return (List<Bucket>) row.get(at);
  }
}
