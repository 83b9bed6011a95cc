package io.flowmeter.streams.topology;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Reads observations. A record without a value, elsewhere a tombstone, is none; what is not sound
 * is none either: both are a {@link SerializationException}, which makes them dead letters.
 */
final class ObservationSerde {
  /**
   * Pollers write up to 256 KiB. What is told of a run repeats a text at most once, so that no row
   * is longer than Kafka takes.
   */
  private static final int MOST_BYTES = 400_000;

  private ObservationSerde() {}

  static Serde<Observation> of(SchemaRegistry registry) {
    Deserializer<Observation> read = AvroSerde.deserializer(Topics.OBSERVATIONS, registry);
    return Serdes.serdeFrom(
        AvroSerde.serializer(Topics.OBSERVATIONS, registry),
        (topic, bytes) -> sound(read.deserialize(topic, bytes), bytes));
  }

  private static Observation sound(Observation observation, byte[] bytes) {
    if (observation == null) {
      throw new SerializationException("expected an observation, came a record without a value");
    }
    try {
      if (bytes.length > MOST_BYTES) {
        throw new IllegalArgumentException(
            "expected at most " + MOST_BYTES + " bytes, came " + bytes.length);
      }
      ObservationValidator.require(observation);
    } catch (IllegalArgumentException e) {
      throw new SerializationException("no poller can have seen this: " + e.getMessage(), e);
    }
    return observation;
  }
}
