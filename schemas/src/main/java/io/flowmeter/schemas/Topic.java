package io.flowmeter.schemas;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * A topic of the pipeline with its record type and its retention.
 *
 * @param <T> the record type of its values
 * @param relation the relation whose rows the topic carries, which is also the last part of the
 *     topic's name
 * @param type the generated class of its values
 * @param keeping the retention policy
 */
public record Topic<T extends SpecificRecord>(String relation, Class<T> type, Keeping keeping) {

  /** The prefix of every topic's name. */
  public static final String PREFIX = "flowmeter.";

  /** The prefix of topics that a rebuild creates and removes. */
  public static final String SCRATCH_PREFIX = PREFIX + "rebuild.";

  /** The minimum time that consumers have to read a record before Kafka deletes it. */
  private static final Duration TIME_TO_BE_READ = Duration.ofDays(1);

  /** A retention policy. */
  public sealed interface Keeping {
    /** Deletes records older than a duration. */
    record For(Duration time) implements Keeping {}

    /** Keeps the latest value of each key. */
    record Latest() implements Keeping {}

    /** Returns the topic-level configuration of this policy. */
    default Map<String, String> topicConfig() {
      if (this instanceof For keep) {
        return Map.of(
            "cleanup.policy", "delete", "retention.ms", Long.toString(keep.time().toMillis()));
      }
      return Map.of("cleanup.policy", "compact");
    }
  }

  public String name() {
    return PREFIX + relation;
  }

  /** Returns the name of the topic that a rebuild uses instead of this one. */
  public String scratchName() {
    return SCRATCH_PREFIX + relation;
  }

  /**
   * Returns the timestamp for a record that is sent now. It is the record's own timestamp, unless
   * Kafka would then delete the record at once.
   *
   * @param own in epoch milliseconds, as is the result
   */
  public long timestamp(long own, Instant now) {
    return keeping instanceof Keeping.For keep
        ? Math.max(own, now.minus(keep.time()).plus(TIME_TO_BE_READ).toEpochMilli())
        : own;
  }

  /** Returns the registry's subject of the topic's values (the Confluent TopicNameStrategy). */
  public String subject() {
    return name() + "-value";
  }

  /** Returns the schema with which this build reads and writes. */
  public Schema schema() {
    return SpecificData.get().getSchema(type);
  }

  /** Returns the record's doc comment, which says what the topic holds. */
  public Optional<String> doc() {
    return Optional.ofNullable(schema().getDoc());
  }
}
