package io.flowmeter.streams.rebuild;

import io.flowmeter.schemas.StateSerde;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.state.Generation;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Which generation of the topology's state is in force. It lies in Kafka, where the state lies
 * itself, so that the two are lost and kept together.
 */
public final class Generations {
  private static final TopicPartition TOLD = new TopicPartition(Topics.GENERATIONS, 0);
  private static final byte[] KEY = {'t'};

  private Generations() {}

  /**
   * The number of the generation to start the topology with.
   *
   * @param kafka the Kafka client's own settings
   * @throws RebuildException where a rebuild's swap is half done
   */
  public static int current(Map<String, Object> kafka) {
    try (KafkaLog log = new KafkaLog(kafka)) {
      Generation generation = read(log);
      if (generation.getSwap() != null) {
        throw new RebuildException(
            "a rebuild was interrupted while its tables took their place: run flowmeter rebuild, which"
                + " finishes that, and start again");
      }
      return generation.getNumber();
    }
  }

  /** The generation, and the swap to the next if one was decided. */
  static Generation read(KafkaLog log) {
    Optional<ConsumerRecord<byte[], byte[]>> last = log.last(TOLD);
    return last.map(
            record ->
                StateSerde.of(Generation.class)
                    .deserializer()
                    .deserialize(record.topic(), record.value()))
        .orElseGet(() -> new Generation(0, null));
  }

  /**
   * @param at by the process clock, as the writer's: letters of before are of the generation before
   */
  static void write(KafkaLog log, Generation generation, Instant at) {
    log.write(
        TOLD,
        at.toEpochMilli(),
        KEY,
        StateSerde.of(Generation.class).serializer().serialize(TOLD.topic(), generation));
  }
}
