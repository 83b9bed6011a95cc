package io.flowmeter.schemas;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * A topic of the pipeline: what it is named, what it holds, how long Kafka keeps it.
 *
 * @param <T> the one record type of its values
 * @param relation the relation whose rows the topic carries; its name is also the last word of the
 *     topic's
 * @param type the generated class of its values
 * @param keeping what Kafka may throw away
 */
public record Topic<T extends SpecificRecord>(String relation, Class<T> type, Keeping keeping) {

  /** Every topic's name begins with it. */
  public static final String PREFIX = "flowmeter.";

  /** The names of topics that a rebuild makes and removes begin with it. */
  public static final String SCRATCH_PREFIX = PREFIX + "rebuild.";

  /** What is sent has that long to be read before Kafka deletes it. */
  private static final Duration TIME_TO_BE_READ = Duration.ofDays(1);

  /** What Kafka may throw away. */
  public sealed interface Keeping {
    /** Everything older than a time. */
    record For(Duration time) implements Keeping {}

    /** All but the latest value of each key. */
    record Latest() implements Keeping {}

    /** The topic-level configuration that says so. */
    default Map<String, String> topicConfig() {
      if (this instanceof For keep) {
        return Map.of(
            "cleanup.policy", "delete", "retention.ms", Long.toString(keep.time().toMillis()));
      }
      return Map.of("cleanup.policy", "compact");
    }
  }

  /** The full name in Kafka. */
  public String name() {
    return PREFIX + relation;
  }

  /** The topic that stands for this one while a rebuild is under way. */
  public String scratchName() {
    return SCRATCH_PREFIX + relation;
  }

  /**
   * The timestamp of a record that is sent now: its own, unless Kafka would delete it at once.
   *
   * @param own in epoch milliseconds, as what is returned
   */
  public long timestamp(long own, Instant now) {
    return keeping instanceof Keeping.For keep
        ? Math.max(own, now.minus(keep.time()).plus(TIME_TO_BE_READ).toEpochMilli())
        : own;
  }

  /** The registry's subject of the topic's values (the Confluent TopicNameStrategy). */
  public String subject() {
    return name() + "-value";
  }

  /** The schema this build writes and reads with. */
  public Schema schema() {
    return SpecificData.get().getSchema(type);
  }

  /** The record's doc comment, which says what the topic holds. */
  public Optional<String> doc() {
    return Optional.ofNullable(schema().getDoc());
  }
}
