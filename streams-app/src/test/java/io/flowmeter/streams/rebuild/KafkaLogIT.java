package io.flowmeter.streams.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.clock.Clock;
import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.deadletter.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaLogIT {
  private static final byte[] KEY = "run".getBytes(StandardCharsets.UTF_8);

  @TempDir static Path data;

  private static EmbeddedStack stack;
  private static Map<String, Object> kafka;
  private static KafkaLog log;

  @BeforeAll
  static void start() {
    stack = EmbeddedStack.in(data).withKafka(0).start();
    kafka = Map.of("bootstrap.servers", stack.kafka().bootstrapServers());
    log = new KafkaLog(kafka);
  }

  @AfterAll
  static void stop() {
    log.close();
    stack.close();
  }

  @Test
  void stateOfWhichKafkaDoesNotTakeARecordIsNotCopied() {
    byte[] value = new byte[5_000];
    new Random(1).nextBytes(value);
    log.create(
        List.of(
            KafkaLog.newTopic("before", 1, 1),
            KafkaLog.newTopic("after", 1, 1),
            KafkaLog.newTopic("narrow", 1, 1).configs(Map.of("max.message.bytes", "1000"))));
    log.write(new TopicPartition("before", 0), Clock.system().millis(), KEY, value);

    log.copy(Map.of("after", Copying.of("before")), Map.of());
    assertThat(log.count("after")).isEqualTo(1);

    try (KafkaLog another = new KafkaLog(kafka)) {
      assertThatThrownBy(() -> another.copy(Map.of("narrow", Copying.of("before")), Map.of()))
          .isInstanceOf(RebuildException.class)
          .hasMessageContaining("did not take a copy of state");
    }
  }

  @Test
  void theBoundaryIsNotThatOfADeadLetterThatWasTakenInAgain() {
    TopicPartition observations = new TopicPartition(Topics.OBSERVATIONS.name(), 0);
    long now = Clock.system().millis();
    long deadLetters = now - Duration.ofDays(20).toMillis();
    long retained = now - Duration.ofDays(1).toMillis();
    log.create(List.of(KafkaLog.newTopic(observations.topic(), 1, 1)));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(observation(observations, retained - 2));
      ProducerRecord<byte[], byte[]> replayed = observation(observations, deadLetters);
      DeadLetterHeaders.put(replayed.headers(), DeadLetterHeaders.REPLAYS, "1");
      producer.send(replayed);
      producer.send(observation(observations, retained));
    }
    KafkaLog.await(
        log.admin().deleteRecords(Map.of(observations, RecordsToDelete.beforeOffset(1))).all(),
        "delete records");

    assertThat(ObservedRange.of(log, Map.of(observations, 3L), Clock.system()).boundary())
        .hasValue(retained + ObservedRange.CLOCKS_DIFFER.toMillis());
  }

  private static ProducerRecord<byte[], byte[]> observation(TopicPartition into, long timestamp) {
    return new ProducerRecord<>(into.topic(), into.partition(), timestamp, KEY, new byte[] {1});
  }
}
