package io.flowmeter.streams.deadletter;

import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.rebuild.Pipeline;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * One record in a thousand cannot be processed, on a real broker, registry and ClickHouse; one
 * story in order. What of it can be mended is: a schema that the registry does not have, and a
 * column that is too narrow.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PoisonIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Each of a row and a detail; one of them tells a step that the narrow column cannot hold. */
  private static final int INSTANCES = 2_498;

  private static final int POISON_AMONG = 1_249;
  private static final String STEPS_OF_MINUTES =
      "SELECT count(), sum(runs) FROM step_minutes WHERE workflow = 'billing'";

  @TempDir static Path data;

  private static Pipeline pipeline;

  /** Of those who write, so that who reads has to ask for what is new. */
  private static SchemaRegistry theirs;

  @BeforeAll
  static void start() {
    pipeline = new Pipeline(data);
    theirs = SchemaRegistry.confluent(pipeline.registryUrl());
  }

  @AfterAll
  static void stop() {
    theirs.close();
    pipeline.stop();
    pipeline.close();
  }

  @Test
  @Order(1)
  void poisonIsInTheDeadLettersWithItsCauseAndAllElseIsInTheRelations() throws Exception {
    pipeline.execute("ALTER TABLE step_runs_rows MODIFY COLUMN retry_limit Nullable(Int16)");
    int unknown = NewerObservations.nextId(theirs);
    List<Poison> poison = poison(unknown);
    pipeline.start();
    int published = 0;
    for (int i = 0; i < INSTANCES; i++) {
      InstanceHistory run = InstanceHistory.of("billing", "i-" + i, i);
      pipeline.observe(run.row(i + 500, "running"), detail(run, i, i == 7));
      published += 2;
      if (published / POISON_AMONG > (published - 2) / POISON_AMONG) {
        Poison each = poison.get(published / POISON_AMONG - 1);
        pipeline.send(each.partition(), each.key(), pipeline.clock().millis(), each.value());
      }
    }
    pipeline.drain();

    assertThat(letters())
        .isEqualTo(
            Map.of(
                "flowmeter.observations SerializationException: expected a value of"
                    + " flowmeter.observations in the Confluent wire format",
                2L,
                "flowmeter.observations SerializationException: a value of flowmeter.observations"
                    + " names a schema that the registry does not have",
                1L,
                "flowmeter.observations UnprocessableException: nothing can be learnt from what was"
                    + " observed",
                1L,
                "flowmeter.step_runs SerializationException: retry_limit: expected a number that an Int16 can"
                    + " hold, came 100000",
                1L));
    eventually("SELECT sum(dead_letters) FROM collector_minutes", "5");
    eventually("SELECT count(), countIf(status = 'complete') FROM instances", "2498|2498");
    eventually("SELECT count(), uniqExact(instance_id) FROM step_runs", "4995|2498");
    eventually(STEPS_OF_MINUTES, pipeline.select(recomputed(4_996)).toArray(String[]::new));
    assertThat(pipeline.inTrouble()).isFalse();
  }

  @Test
  @Order(2)
  void whatWasMendedIsTakenInAgainAndWhatWasNotIsALetterAgainThatSaysSo() throws Exception {
    NewerObservations.register(theirs);
    pipeline.execute("ALTER TABLE step_runs_rows MODIFY COLUMN retry_limit Nullable(Int64)");

    DeadLetterReplayResult result =
        DeadLetterReplay.run(DeadLetterReplaySettings.of(pipeline.kafka()), () -> false);
    assertThat(result.replayed()).isEqualTo(5);
    pipeline.drain();

    eventually("SELECT sum(dead_letters) FROM collector_minutes", "8");
    eventually("SELECT count(), countIf(status = 'complete') FROM instances", "2499|2499");
    eventually("SELECT count(), uniqExact(instance_id) FROM step_runs", "4998|2499");
    eventually(STEPS_OF_MINUTES, pipeline.select(recomputed(4_998)).toArray(String[]::new));
    eventually("SELECT count() FROM step_runs WHERE retry_limit = 100000 AND step = 'pay'", "1");
    assertThat(letters())
        .containsEntry(
            "flowmeter.observations SerializationException: replayed 1 time, and still: expected a"
                + " value of flowmeter.observations in the Confluent wire format",
            2L)
        .containsEntry(
            "flowmeter.observations UnprocessableException: replayed 1 time, and still: nothing"
                + " can be learnt from what was observed",
            1L)
        .hasSize(6);
    assertThat(
            DeadLetterReplay.run(
                DeadLetterReplaySettings.of(pipeline.kafka())
                    .only(
                        new DeadLetterFilter(
                            Optional.of("step_runs"),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty())),
                () -> false))
        .returns(0L, DeadLetterReplayResult::replayed)
        .returns(3L, DeadLetterReplayResult::leftOut);
    assertThat(pipeline.inTrouble()).isFalse();
  }

  /**
   * What an instance of version 2 of a writer tells is read by version 1, its new field left out.
   */
  @Test
  @Order(3)
  void aNewerWriterOfObservationsJoinsInAndNothingIsLost() throws Exception {
    for (int i = 0; i < 100; i++) {
      InstanceHistory run = InstanceHistory.of("evolving", "i-" + i, i);
      Observation row = run.row(i + 500, "running");
      Observation detail = detail(run, i, false);
      if (i % 2 == 0) {
        pipeline.observe(row, detail);
      } else {
        send(row, NewerObservations.bytes(theirs, row));
        send(detail, NewerObservations.bytes(theirs, detail));
      }
    }
    pipeline.drain();

    eventually(
        "SELECT count(), countIf(status = 'complete'), sum(step_count) FROM instances"
            + " WHERE workflow = 'evolving'",
        "100|100|200");
    eventually("SELECT count() FROM step_runs WHERE workflow = 'evolving'", "200");
    eventually("SELECT sum(dead_letters) FROM collector_minutes", "8");
    assertThat(pipeline.inTrouble()).isFalse();
  }

  /** With its cause and stack trace, each of the long ones is more than Kafka takes. */
  @Test
  @Order(4)
  void whatHoldsNoObservationIsALetterHoweverLongOrShort() throws Exception {
    long now = pipeline.clock().millis();
    pipeline.send(null, "local/billing/none", now, null);
    for (int bytes : new int[] {1_038_000, 1_046_000}) {
      byte[] garbage = new byte[bytes];
      new Random(1).nextBytes(garbage);
      garbage[0] = 1;
      pipeline.send(null, "local/billing/long", now, garbage);
    }
    byte[] json = ByteBuffer.allocate(7).put((byte) 0).putInt(idOfAJsonSchema()).array();
    pipeline.send(null, "local/billing/json", now, json);
    pipeline.drain();

    eventually("SELECT sum(dead_letters) FROM collector_minutes", "12");
    assertThat(letters())
        .containsEntry(
            "flowmeter.observations SerializationException: expected an observation, came a record"
                + " without a value",
            1L)
        .containsEntry(
            "flowmeter.observations SerializationException: expected a value of"
                + " flowmeter.observations in the Confluent wire format",
            4L)
        .containsEntry(
            "flowmeter.observations SerializationException: a value of flowmeter.observations"
                + " names a schema that the registry does not have",
            2L)
        .hasSize(7);
    assertThat(TopicRecords.of(pipeline.kafka(), Topics.DEAD_LETTERS))
        .filteredOn(
            deadLetter -> deadLetter.value() != null && deadLetter.value().length > 1_000_000)
        .as("the other one is too long for a letter")
        .hasSize(1);
    assertThat(pipeline.inTrouble()).isFalse();
  }

  /** What has a schema that was seen goes on; what has another one waits. */
  @Test
  @Order(5)
  @Tag("nightly")
  void whileTheRegistryIsAwayNothingIsLost() throws Exception {
    byte[] unseen = NewerObservations.bytesOfANewerOne(theirs, away("unseen"));
    pipeline.stopRegistry();
    pipeline.observe(away("seen"));
    eventually("SELECT instance_id FROM instances WHERE workflow = 'away'", "seen");
    assertThat(pipeline.inTrouble()).isFalse();

    send(away("unseen"), unseen);
    await("the topology to be in trouble").atMost(PATIENCE).until(pipeline::inTrouble);
    pipeline.startRegistry();

    eventually(
        "SELECT instance_id FROM instances WHERE workflow = 'away' ORDER BY 1", "seen", "unseen");
    eventually("SELECT sum(dead_letters) FROM collector_minutes", "12");
  }

  private static void send(Observation observation, byte[] value) {
    pipeline.send(null, key(observation), observation.getObservedAt().toEpochMilli(), value);
  }

  /** Of another product that has the registry in common. */
  private static int idOfAJsonSchema() throws Exception {
    String schema =
        "{\\\"$schema\\\": \\\"http://json-schema.org/draft-07/schema#\\\", \\\"type\\\": \\\"object\\\"}";
    String body = "{\"schemaType\": \"JSON\", \"schema\": \"" + schema + "\"}";
    HttpResponse<String> response =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .build()
            .send(
                HttpRequest.newBuilder(
                        URI.create(pipeline.registryUrl() + "/subjects/another/versions"))
                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Integer.parseInt(response.body().replaceAll("\\D", ""));
  }

  private static Observation away(String instance) {
    return detail(InstanceHistory.of("away", instance, 0), 0, false);
  }

  private record Poison(Integer partition, String key, byte[] value) {}

  private static List<Poison> poison(int unknown) {
    Observation weightless =
        InstanceHistory.of("billing", "weightless", 0)
            .detail(900, "complete")
            .started(0)
            .ended(100)
            .weight(0)
            .told();
    InstanceHistory newer = InstanceHistory.of("billing", "newer-1", 60_000);
    byte[] magic = bytes(weightless);
    magic[0] = 1;
    return List.of(
        new Poison(0, "k", "{\"not\": \"avro\"}".getBytes(StandardCharsets.UTF_8)),
        new Poison(null, "local/billing/magic", magic),
        new Poison(null, "local/billing/newer-1", newer(detail(newer, 60_000, false), unknown)),
        new Poison(null, key(weightless), bytes(weightless)));
  }

  private static byte[] newer(Observation observation, int id) {
    return NewerObservations.bytes(observation, id);
  }

  /** Two steps; the limit of the second fits into an Int64 only, if asked for. */
  private static Observation detail(InstanceHistory run, long queuedMs, boolean wide) {
    Step.Builder pay = step("pay-1", queuedMs + 300, queuedMs + 700, true);
    if (wide) {
      pay.setRetryLimit(100_000L);
    }
    return run.detail(queuedMs + 5_000, "complete")
        .started(queuedMs)
        .ended(queuedMs + 800)
        .step(succeeded("fetch-1", queuedMs, queuedMs + 200))
        .step(pay)
        .told();
  }

  private static String recomputed(int runs) {
    return "SELECT count(), "
        + runs
        + " FROM (SELECT DISTINCT step, toStartOfMinute(ended_at) FROM step_runs"
        + " WHERE workflow = 'billing')";
  }

  /** Letters by topic and cause, without what a cause tells of each. */
  private static Map<String, Long> letters() {
    return TopicRecords.of(pipeline.kafka(), Topics.DEAD_LETTERS).stream()
        .map(DeadLetterRecord::new)
        .map(
            deadLetter ->
                deadLetter.topic().orElseThrow()
                    + ' '
                    + deadLetter.exception()
                    + ": "
                    + deadLetter.message().replaceAll(" \\(byte 0.*| of RunKey.*", ""))
        .collect(Collectors.groupingBy(told -> told, Collectors.counting()));
  }

  private static String key(Observation observation) {
    return observation.getAccountId()
        + '/'
        + observation.getWorkflow()
        + '/'
        + observation.getInstanceId();
  }

  private static byte[] bytes(Observation observation) {
    return AvroSerde.serializer(Topics.OBSERVATIONS, pipeline.registry())
        .serialize(Topics.OBSERVATIONS.name(), observation);
  }

  private static void eventually(String query, String... rows) {
    await(query)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(pipeline.select(query)).containsExactly(rows));
  }
}
