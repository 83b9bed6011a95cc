package io.flowmeter.streams.state;

import static io.flowmeter.streams.state.Flags.bit;
import static io.flowmeter.streams.state.Flags.has;

import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a run put into rollups. Most of a row's numbers are 0, 1 or the one before, which two bits
 * tell, and not even those where the row before has the same. A step that succeeded at once takes
 * about 8 bytes.
 */
final class ContributionsCodec {
  private static final long MINUTE = 60_000;

  private static final Form<WorkflowMinute> WORKFLOW =
      new Form<>(
          WorkflowMinute.getClassSchema(),
          WorkflowMinute::new,
          List.of("trigger_source"),
          List.of(
              "queued",
              "started",
              "completed",
              "errored",
              "terminated",
              "sampled",
              "attempts",
              "retries",
              "lost_ms",
              "run_ms_sum"),
          List.of("queue_buckets", "run_buckets", "total_buckets"));

  private static final Form<StepMinute> STEP =
      new Form<>(
          StepMinute.getClassSchema(),
          StepMinute::new,
          List.of("step", "type"),
          List.of(
              "runs",
              "succeeded",
              "failed",
              "timed_out",
              "unfinished",
              "first_attempt_ok",
              "recovered",
              "exhausted",
              "attempts",
              "failed_attempts",
              "retries",
              "lost_ms",
              "wall_ms_sum",
              "attempt_ms_sum",
              "backoff_ms_sum",
              "sampled"),
          List.of("wall_buckets", "attempt_buckets"));

  /** The row before has the same of it. */
  private static final int SAME_VERSION = 1;

  private static final int SAME_MINUTE = 1 << 1;
  private static final int SAME_TAGS = 1 << 2;

  /** From this bit on two for each kind of buckets. */
  private static final int BUCKETS = 3;

  private static final int TWO_BITS = 3;

  private static final int NO_BUCKETS = 0;
  private static final int ONE_DURATION = 1;
  private static final int BUCKETS_AS_LAST = 2;
  private static final int ANY_BUCKETS = 3;

  private static final int ZERO = 0;
  private static final int ONE = 1;
  private static final int AS_LAST = 2;
  private static final int ANY = 3;

  private final DictionaryEncoder encoder;

  ContributionsCodec(DictionaryEncoder encoder) {
    this.encoder = encoder;
  }

  /** Which fields of a row are written, and in which order. */
  private record Form<R extends SpecificRecord>(
      Supplier<R> newRow,
      int account,
      int workflow,
      int version,
      int minute,
      int part,
      int revision,
      int deleted,
      int[] texts,
      int[] numbers,
      int[] buckets) {
    Form(
        Schema schema,
        Supplier<R> newRow,
        List<String> texts,
        List<String> numbers,
        List<String> buckets) {
      this(
          newRow,
          schema.getField("account_id").pos(),
          schema.getField("workflow").pos(),
          schema.getField("version_id").pos(),
          schema.getField("minute").pos(),
          schema.getField("part").pos(),
          schema.getField("revision").pos(),
          schema.getField("deleted").pos(),
          positions(schema, texts),
          positions(schema, numbers),
          positions(schema, buckets));
    }

    private static int[] positions(Schema schema, List<String> fields) {
      return fields.stream().mapToInt(field -> schema.getField(field).pos()).toArray();
    }
  }

  /** What of the row before a row can share. */
  private static final class Before {
    private String version = "";
    private long minute;
    private long tags;

    Before(long run) {
      minute = Math.floorDiv(run, MINUTE);
    }
  }

  void write(ByteWriter out, long run, Contributions contributions) {
    write(out, run, WORKFLOW, contributions.workflowMinutes());
    write(out, run, STEP, contributions.stepMinutes());
  }

  Contributions read(ByteReader in, long run, String accountId, String workflow) {
    List<WorkflowMinute> workflowMinutes = read(in, run, WORKFLOW, accountId, workflow);
    return new Contributions(workflowMinutes, read(in, run, STEP, accountId, workflow));
  }

  private <R extends SpecificRecord> void write(
      ByteWriter out, long run, Form<R> form, List<R> rows) {
    out.unsigned(rows.size());
    Before before = new Before(run);
    for (R row : rows) {
      write(out, before, form, row);
    }
  }

  private <R extends SpecificRecord> List<R> read(
      ByteReader in, long run, Form<R> form, String accountId, String workflow) {
    int count = in.count();
    List<R> rows = new ArrayList<>(count);
    Before before = new Before(run);
    for (int i = 0; i < count; i++) {
      R row = read(in, before, form);
      row.put(form.account(), accountId);
      row.put(form.workflow(), workflow);
      rows.add(row);
    }
    return rows;
  }

  private <R extends SpecificRecord> void write(
      ByteWriter out, Before before, Form<R> form, R row) {
    String version = (String) row.get(form.version());
    long minute = Math.floorDiv(((Instant) row.get(form.minute())).toEpochMilli(), MINUTE);
    long tags = tags(form, row);
    int flags =
        bit(version.equals(before.version), SAME_VERSION)
            | bit(minute == before.minute, SAME_MINUTE)
            | bit(tags == before.tags, SAME_TAGS);
    List<Bucket> last = List.of();
    for (int i = 0; i < form.buckets().length; i++) {
      List<Bucket> buckets = buckets(row, form.buckets()[i]);
      flags |= kind(buckets, last) << BUCKETS + 2 * i;
      last = buckets;
    }
    out.unsigned(flags);
    if (!version.equals(before.version)) {
      encoder.write(out, version);
    }
    if (minute != before.minute) {
      out.signed(minute - before.minute);
    }
    if (tags != before.tags) {
      out.unsigned(tags);
    }
    writeTexts(out, form, row);
    for (int i = 0; i < form.numbers().length; i++) {
      if (twoBits(tags, i) == ANY) {
        out.signed((Long) row.get(form.numbers()[i]));
      }
    }
    for (int i = 0; i < form.buckets().length; i++) {
      writeBuckets(out, twoBits(flags >> BUCKETS, i), buckets(row, form.buckets()[i]));
    }
    before.version = version;
    before.minute = minute;
    before.tags = tags;
  }

  private <R extends SpecificRecord> R read(ByteReader in, Before before, Form<R> form) {
    R row = form.newRow().get();
    int flags = (int) in.unsigned();
    before.version = has(flags, SAME_VERSION) ? before.version : encoder.read(in);
    before.minute += has(flags, SAME_MINUTE) ? 0 : in.signed();
    before.tags = has(flags, SAME_TAGS) ? before.tags : in.unsigned();
    row.put(form.version(), before.version);
    row.put(form.minute(), Instant.ofEpochMilli(before.minute * MINUTE));
    row.put(form.part(), 0L);
    row.put(form.revision(), 0L);
    row.put(form.deleted(), false);
    List<String> texts = encoder.readJoined(in);
    for (int i = 0; i < form.texts().length; i++) {
      row.put(form.texts()[i], texts.get(i));
    }
    long last = 0;
    for (int i = 0; i < form.numbers().length; i++) {
      switch (twoBits(before.tags, i)) {
        case ZERO -> row.put(form.numbers()[i], 0L);
        case ONE -> row.put(form.numbers()[i], 1L);
        case AS_LAST -> row.put(form.numbers()[i], last);
        default -> {
          last = in.signed();
          row.put(form.numbers()[i], last);
        }
      }
    }
    List<Bucket> buckets = List.of();
    for (int i = 0; i < form.buckets().length; i++) {
      buckets = readBuckets(in, twoBits(flags >> BUCKETS, i), buckets);
      row.put(form.buckets()[i], buckets);
    }
    return row;
  }

  private <R extends SpecificRecord> void writeTexts(ByteWriter out, Form<R> form, R row) {
    String[] texts = new String[form.texts().length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = (String) row.get(form.texts()[i]);
    }
    encoder.writeJoined(out, texts);
  }

  private static <R extends SpecificRecord> long tags(Form<R> form, R row) {
    long tags = 0;
    long last = 0;
    for (int i = 0; i < form.numbers().length; i++) {
      long number = (Long) row.get(form.numbers()[i]);
      long tag = number == 0 ? ZERO : number == 1 ? ONE : number == last ? AS_LAST : ANY;
      if (tag == ANY) {
        last = number;
      }
      tags |= tag << 2 * i;
    }
    return tags;
  }

  private static int kind(List<Bucket> buckets, List<Bucket> last) {
    if (buckets.isEmpty()) {
      return NO_BUCKETS;
    }
    if (buckets.equals(last)) {
      return BUCKETS_AS_LAST;
    }
    return buckets.size() == 1 && buckets.get(0).getCount() == 1 ? ONE_DURATION : ANY_BUCKETS;
  }

  private static void writeBuckets(ByteWriter out, int kind, List<Bucket> buckets) {
    if (kind == ONE_DURATION) {
      out.unsigned(1L + buckets.get(0).getBucket());
    } else if (kind == ANY_BUCKETS) {
      out.unsigned(buckets.size());
      for (Bucket bucket : buckets) {
        out.unsigned(1L + bucket.getBucket());
        out.signed(bucket.getCount());
      }
    }
  }

  private static List<Bucket> readBuckets(ByteReader in, int kind, List<Bucket> last) {
    return switch (kind) {
      case NO_BUCKETS -> List.of();
      case ONE_DURATION -> List.of(new Bucket((int) (in.unsigned() - 1), 1L));
      case BUCKETS_AS_LAST -> last;
      default -> {
        int count = in.count();
        List<Bucket> buckets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          buckets.add(new Bucket((int) (in.unsigned() - 1), in.signed()));
        }
        yield buckets;
      }
    };
  }

  @SuppressWarnings("unchecked")
  private static List<Bucket> buckets(SpecificRecord row, int position) {
    return (List<Bucket>) row.get(position);
  }

  private static int twoBits(long bits, int place) {
    return (int) (bits >> 2 * place) & TWO_BITS;
  }
}
