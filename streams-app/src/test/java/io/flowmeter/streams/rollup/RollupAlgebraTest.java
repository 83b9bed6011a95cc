package io.flowmeter.streams.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Rows of one key are an abelian group, so that parts may be told in any order and any split. */
class RollupAlgebraTest {
  private static final Instant MINUTE = Instant.parse("2026-11-24T12:00:00Z");

  /** A rollup, and rows of it by chance. */
  private record Rollup<R extends SpecificRecord>(
      RollupAlgebra<R> algebra, Supplier<R> empty, Schema schema) {

    static <R extends SpecificRecord> Rollup<R> of(Supplier<R> empty) {
      Schema schema = empty.get().getSchema();
      return new Rollup<>(new RollupAlgebra<>(schema, empty), empty, schema);
    }

    R row(Random random, int keys) {
      R row = empty.get();
      int key = random.nextInt(keys);
      for (Schema.Field field : schema.getFields()) {
        row.put(field.pos(), value(field, random, key));
      }
      return row;
    }

    private static Object value(Schema.Field field, Random random, int key) {
      return switch (field.schema().getType()) {
        case STRING -> field.name() + key;
        case BOOLEAN -> false;
        case ARRAY -> buckets(random);
        case LONG ->
            field.schema().getLogicalType() != null
                ? (Object) MINUTE.plusSeconds(60L * key)
                : (Object) (long) (random.nextInt(2_001) - 1_000);
        default -> throw new IllegalStateException("a rollup has no " + field.schema());
      };
    }

    private static List<Bucket> buckets(Random random) {
      List<Bucket> buckets = new ArrayList<>();
      for (int bucket = -1; bucket < 900; bucket += 1 + random.nextInt(400)) {
        buckets.add(new Bucket(bucket, 1L + random.nextInt(50)));
      }
      return buckets;
    }

    /** All that a row counts, in a form in which the order of buckets is none. */
    Object counted(R row) {
      List<Object> values = new ArrayList<>();
      for (Schema.Field field : schema.getFields()) {
        Object value = row.get(field.pos());
        values.add(value instanceof List<?> buckets ? byKey(buckets) : value);
      }
      return values;
    }

    private static Object byKey(List<?> buckets) {
      TreeMap<Integer, Long> byKey = new TreeMap<>();
      buckets.forEach(each -> byKey.put(((Bucket) each).getBucket(), ((Bucket) each).getCount()));
      return byKey;
    }

    /** All rows that are left when parts are added up, in any order. */
    Object total(List<R> rows) {
      TreeMap<String, R> sums = new TreeMap<>();
      rows.forEach(row -> sums.merge(algebra.key(row), row, algebra::sum));
      TreeMap<String, Object> total = new TreeMap<>();
      sums.forEach(
          (key, sum) -> {
            if (!algebra.isZero(sum)) {
              total.put(key, counted(algebra.sum(sum, algebra.zero(sum))));
            }
          });
      return total;
    }

    List<R> rows(Random random, int most, int keys) {
      List<R> rows = new ArrayList<>();
      for (int i = random.nextInt(most + 1); i > 0; i--) {
        rows.add(row(random, keys));
      }
      return rows;
    }
  }

  private static final List<Rollup<?>> BOTH =
      List.of(Rollup.of(WorkflowMinute::new), Rollup.of(StepMinute::new));

  @Property(tries = 200)
  void additionIsAssociativeAndCommutativeAndHasAZeroAndANegative(@ForAll long seed) {
    BOTH.forEach(rollup -> isGroup(rollup, new Random(seed)));
  }

  private static <R extends SpecificRecord> void isGroup(Rollup<R> rollup, Random random) {
    RollupAlgebra<R> algebra = rollup.algebra();
    R a = rollup.row(random, 1);
    R b = rollup.row(random, 1);
    R c = rollup.row(random, 1);
    assertThat(rollup.counted(algebra.sum(a, b))).isEqualTo(rollup.counted(algebra.sum(b, a)));
    assertThat(rollup.counted(algebra.sum(algebra.sum(a, b), c)))
        .isEqualTo(rollup.counted(algebra.sum(a, algebra.sum(b, c))));
    assertThat(algebra.isZero(algebra.sum(a, algebra.negated(a)))).isTrue();
    assertThat(rollup.counted(algebra.sum(algebra.sum(a, b), algebra.zero(a))))
        .isEqualTo(rollup.counted(algebra.sum(a, b)));
  }

  @Property(tries = 200)
  void inWhateverOrderPartsAreAddedTheTotalIsTheSame(@ForAll long seed) {
    BOTH.forEach(rollup -> anyOrder(rollup, new Random(seed)));
  }

  private static <R extends SpecificRecord> void anyOrder(Rollup<R> rollup, Random random) {
    List<R> rows = rollup.rows(random, 30, 4);
    List<R> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, random);
    assertThat(rollup.total(shuffled)).isEqualTo(rollup.total(rows));
  }

  @Property(tries = 200)
  void theDifferenceAddedToWhatWasToldIsWhatIsToBeTold(@ForAll long seed) {
    BOTH.forEach(rollup -> corrects(rollup, new Random(seed)));
  }

  private static <R extends SpecificRecord> void corrects(Rollup<R> rollup, Random random) {
    List<R> before = rollup.rows(random, 8, 3);
    List<R> after = rollup.rows(random, 8, 3);
    List<R> corrected = new ArrayList<>(before);
    List<R> difference = rollup.algebra().difference(before, after);
    corrected.addAll(difference);
    assertThat(rollup.total(corrected)).isEqualTo(rollup.total(after));
    assertThat(difference.stream().map(rollup.algebra()::key)).doesNotHaveDuplicates();
    assertThat(rollup.algebra().difference(after, after)).isEmpty();
  }
}
