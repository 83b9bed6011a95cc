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
  private ObservationSerde() {}

  static Serde<Observation> of(SchemaRegistry registry) {
    Deserializer<Observation> read = AvroSerde.deserializer(Topics.OBSERVATIONS, registry);
    return Serdes.serdeFrom(
        AvroSerde.serializer(Topics.OBSERVATIONS, registry),
        (topic, bytes) -> sound(read.deserialize(topic, bytes)));
  }

  private static Observation sound(Observation observation) {
    if (observation == null) {
      throw new SerializationException("expected an observation, came a record without a value");
    }
    try {
      SoundObservation.require(observation);
    } catch (IllegalArgumentException e) {
      throw new SerializationException("no poller can have seen this: " + e.getMessage(), e);
    }
    return observation;
  }
}
