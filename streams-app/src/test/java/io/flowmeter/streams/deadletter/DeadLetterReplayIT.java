package io.flowmeter.streams.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.flowmeter.clock.Clock;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.StateSerde;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.state.Generation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Letters on a real broker, which nobody else reads; one story in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeadLetterReplayIT {
  private static final Instant NOON =
      Clock.system().instant().truncatedTo(ChronoUnit.SECONDS).minusSeconds(7_200);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir static Path data;

  private static EmbeddedKafka kafka;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
    try (Admin admin = Admin.create(kafka())) {
      KafkaProvisioner.apply(
          admin, SchemaRegistry.inMemory(), new KafkaProvisioner.Settings(2, Optional.empty()));
    }
    producer = new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer());
    letter("flowmeter.observations", 1, "local/billing/a", "schema id 7 is not there", 0);
    letter("flowmeter.observations", 1, "local/billing/b", "schema id 8 is not there", 60);
    letter("flowmeter.step_runs", 0, "row", "expected a number that an Int16 can hold", 120);
    letter("elsewhere", 0, "strange", "who knows", 180);
    letter("flowmeter.step_runs", 9, "row", "expected a number that an Int16 can hold", 240);
    producer.send(
        new ProducerRecord<>(
            Topics.DEAD_LETTERS,
            0,
            NOON.plusSeconds(300).toEpochMilli(),
            bytes("bare"),
            (byte[]) null));
    producer.flush();
  }

  @AfterAll
  static void stop() {
    producer.close();
    kafka.close();
  }

  @Test
  @Order(1)
  void aDryRunTellsWhatThereIsAndChangesNothing() {
    DeadLetterReplayResult told = replay(all().looking());

    assertThat(told.replayed()).isEqualTo(3);
    assertThat(told.impossible()).isEqualTo(3);
    assertThat(told.groups())
        .extracting(
            DeadLetterReplayResult.Group::topic,
            DeadLetterReplayResult.Group::cause,
            DeadLetterReplayResult.Group::deadLetters)
        .contains(
            tuple(
                "flowmeter.observations", "SerializationException: schema id {} is not there", 2L),
            tuple(
                "flowmeter.step_runs",
                "SerializationException: expected a number that an Int{} can hold",
                1L));
    assertThat(told.groups().get(0))
        .returns(NOON, DeadLetterReplayResult.Group::first)
        .returns(NOON.plusSeconds(60), DeadLetterReplayResult.Group::last)
        .returns("local/billing/a", DeadLetterReplayResult.Group::sampleKey)
        .returns("0@0", DeadLetterReplayResult.Group::sample);
    assertThat(told.groups())
        .extracting(DeadLetterReplayResult.Group::impossible)
        .contains(
            "it came from a topic that is none of observations or rows",
            "its partition 9 is not there: the topic has 2",
            "it does not tell which topic and partition it came from");
    assertThat(replay(all().looking())).isEqualTo(told);
    assertThat(records("flowmeter.observations", 0)).isEmpty();
  }

  @Test
  @Order(2)
  void onlyWhatFiltersMeanGoesBackAsItWas() {
    DeadLetterReplayResult done = replay(all().only(filter("observations", null, null, 30)));

    assertThat(done).returns(1L, DeadLetterReplayResult::replayed);
    assertThat(done).returns(5L, DeadLetterReplayResult::leftOut);
    ConsumerRecord<byte[], byte[]> back = records("flowmeter.observations", 1).get(0);
    assertThat(text(back.key())).isEqualTo("local/billing/a");
    assertThat(text(back.value())).isEqualTo("poison");
    assertThat(back.partition()).isEqualTo(1);
    assertThat(back.timestamp()).isEqualTo(NOON.toEpochMilli());
    assertThat(back.headers())
        .extracting(header -> header.key() + '=' + text(header.value()))
        .containsExactlyInAnyOrder("own=header", "flowmeter.replays=1", "flowmeter.letter=0@0");
  }

  @Test
  @Order(3)
  void whatWasLeftOutIsReplayedLaterAndNothingTwice() {
    DeadLetterReplayResult done = replay(all().only(filter(null, "INT16", null, null)));
    assertThat(done).returns(1L, DeadLetterReplayResult::replayed);
    assertThat(done).returns(1L, DeadLetterReplayResult::before);
    assertThat(done).returns(1L, DeadLetterReplayResult::impossible);

    done = replay(all());
    assertThat(done).returns(1L, DeadLetterReplayResult::replayed);
    assertThat(done).returns(2L, DeadLetterReplayResult::impossible);

    assertThat(replay(all())).isEqualTo(new DeadLetterReplayResult(0, 6, 0, 0, List.of()));
    assertThat(records("flowmeter.observations", 2))
        .extracting(record -> text(record.key()))
        .containsExactly("local/billing/a", "local/billing/b");
    assertThat(records("flowmeter.step_runs", 1)).hasSize(1);
  }

  @Test
  @Order(4)
  void againIsFromTheBeginning() {
    DeadLetterReplayResult done =
        replay(all().fromTheBeginning().only(filter("flowmeter.step_runs", null, null, null)));

    assertThat(done).returns(1L, DeadLetterReplayResult::replayed);
    assertThat(records("flowmeter.step_runs", 2)).hasSize(2);
    assertThat(replay(all())).returns(6L, DeadLetterReplayResult::before);
  }

  @Test
  @Order(5)
  void ofTwoReplaysAtATimeTheLaterGoesOnAndNothingIsReplayedTwice() {
    int deadLetters = 1_800;
    for (int i = 0; i < deadLetters; i++) {
      letter("flowmeter.transitions", i % 2, "many " + i, "poison", 400);
    }
    producer.flush();
    AtomicReference<DeadLetterReplayResult> other = new AtomicReference<>();
    int[] asked = {0};

    assertThatThrownBy(
            () ->
                DeadLetterReplay.run(
                    all(),
                    () -> {
                      if (++asked[0] == 3) {
                        other.set(replay(all()));
                      }
                      return false;
                    }))
        .isInstanceOf(DeadLetterReplayException.class)
        .hasMessageContaining("another replay");

    assertThat(other.get().replayed()).isPositive().isLessThan(deadLetters);
    assertThat(records("flowmeter.transitions", deadLetters))
        .hasSize(deadLetters)
        .extracting(record -> text(record.key()))
        .doesNotHaveDuplicates();
  }

  @Test
  @Order(6)
  void whatKafkaWouldDeleteAtOnceIsMovedIntoTheTimeThatItKeeps() {
    letter("flowmeter.step_attempts", 0, "old", "poison", -20 * 86_400);
    producer.flush();

    assertThat(replay(all())).returns(1L, DeadLetterReplayResult::replayed);

    long age = Clock.system().millis() - records("flowmeter.step_attempts", 1).get(0).timestamp();
    assertThat(age).isBetween(5 * 86_400_000L, 6 * 86_400_000L + 60_000);
  }

  @Test
  @Order(7)
  void whatARebuildDerivedAnewMeanwhileStaysALetter() {
    letter("flowmeter.workflow_minutes", 0, "before", "poison", 600);
    letter("flowmeter.workflow_minutes", 0, "after", "poison", 800);
    letter("flowmeter.error_spikes", 0, "before, and carried over", "poison", 600);
    producer.send(
        new ProducerRecord<>(
            Topics.GENERATIONS,
            0,
            NOON.plusSeconds(700).toEpochMilli(),
            bytes("t"),
            StateSerde.of(Generation.class)
                .serializer()
                .serialize(Topics.GENERATIONS, new Generation(1, null))));
    producer.flush();

    DeadLetterReplayResult done = replay(all());

    assertThat(done).returns(2L, DeadLetterReplayResult::replayed);
    assertThat(done.groups())
        .extracting(
            DeadLetterReplayResult.Group::sampleKey, DeadLetterReplayResult.Group::impossible)
        .containsExactlyInAnyOrder(
            tuple(
                "before",
                "it was derived anew, or carried over, by the rebuild of " + NOON.plusSeconds(700)),
            tuple("after", ""),
            tuple("before, and carried over", ""));
    assertThat(records("flowmeter.workflow_minutes", 1))
        .extracting(record -> text(record.key()))
        .containsExactly("after");
  }

  private static DeadLetterReplayResult replay(DeadLetterReplaySettings settings) {
    return DeadLetterReplay.run(settings, () -> false);
  }

  private static DeadLetterReplaySettings all() {
    return DeadLetterReplaySettings.of(kafka());
  }

  private static DeadLetterFilter filter(
      String topic, String cause, Integer sinceSeconds, Integer untilSeconds) {
    return new DeadLetterFilter(
        Optional.ofNullable(topic),
        Optional.ofNullable(cause),
        Optional.ofNullable(sinceSeconds).map(NOON::plusSeconds),
        Optional.ofNullable(untilSeconds).map(NOON::plusSeconds));
  }

  /** As Kafka Streams sends it. */
  private static void letter(String topic, int partition, String key, String message, int at) {
    ProducerRecord<byte[], byte[]> deadLetter =
        new ProducerRecord<>(
            Topics.DEAD_LETTERS,
            0,
            NOON.plusSeconds(at).toEpochMilli(),
            bytes(key),
            bytes("poison"));
    deadLetter.headers().add("own", bytes("header"));
    DeadLetterHeaders.put(
        deadLetter.headers(),
        DeadLetterHeaders.EXCEPTION,
        "org.apache.kafka.common.errors.SerializationException");
    DeadLetterHeaders.put(deadLetter.headers(), DeadLetterHeaders.MESSAGE, message);
    DeadLetterHeaders.put(deadLetter.headers(), DeadLetterHeaders.TOPIC, topic);
    DeadLetterHeaders.put(
        deadLetter.headers(), DeadLetterHeaders.PARTITION, Integer.toString(partition));
    DeadLetterHeaders.put(deadLetter.headers(), DeadLetterHeaders.OFFSET, "17");
    producer.send(deadLetter);
  }

  /** A transaction that was committed just now is seen a moment later. */
  private static List<ConsumerRecord<byte[], byte[]>> records(String topic, int atLeast) {
    return await("records of " + topic)
        .atMost(PATIENCE)
        .until(() -> TopicRecords.of(kafka(), topic), records -> records.size() >= atLeast);
  }

  private static Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", kafka.bootstrapServers());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
