package io.flowmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topics;
import io.flowmeter.testkit.ReservedPort;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Commands that come before Kafka, and before the registry; one story in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Pattern METRICS = Pattern.compile("Metrics at (http://\\S+)/metrics");

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  @TempDir static Path data;

  private static EmbeddedKafka kafka;
  private static EmbeddedSchemaRegistry registry;
  private static final ReservedPort KAFKA_PORT = new ReservedPort();
  private static final ReservedPort REGISTRY_PORT = new ReservedPort();

  @AfterAll
  static void stop() {
    THREADS.shutdown();
    registry.close();
    kafka.close();
  }

  @Test
  @Order(1)
  void commandsWaitForAKafkaAndARegistryThatAreAwayAndSaySo() throws Exception {
    Map<String, Output> outputs = new LinkedHashMap<>();
    Map<String, CompletableFuture<Integer>> commands = new LinkedHashMap<>();
    for (String command : List.of("stream", "ingest", "migrate")) {
      Output output = new Output();
      outputs.put(command, output);
      commands.put(command, CompletableFuture.supplyAsync(() -> output.run(command), THREADS));
      awaitText(output, "waiting for Kafka, see kafka.bootstrap.servers and flowmeter doctor");
      assertThat(output.text())
          .contains("127.0.0.1:" + KAFKA_PORT.number(), "nothing listens there");
    }
    for (String command : List.of("stream", "ingest")) {
      assertThat(ask(outputs.get(command), "/live").statusCode()).isEqualTo(200);
      HttpResponse<String> ready = ask(outputs.get(command), "/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("FAIL start: waits for Kafka", "nothing listens there");
    }

    kafka = EmbeddedKafka.start(data.resolve("kafka"), KAFKA_PORT.release());
    assertThat(kafka.port()).isEqualTo(KAFKA_PORT.number());
    for (Output output : outputs.values()) {
      awaitText(output, "waiting for the Schema Registry, see registry.url");
      assertThat(output.text())
          .contains("Kafka is there.")
          .contains("http://127.0.0.1:" + REGISTRY_PORT.number(), "flowmeter doctor", "refused");
    }
    assertThat(commands.values()).noneMatch(CompletableFuture::isDone);

    registry = EmbeddedSchemaRegistry.start(data.resolve("registry"), REGISTRY_PORT.release());
    assertThat(registry.port()).isEqualTo(REGISTRY_PORT.number());

    // They go on, as far as they can without topics or ClickHouse.
    for (Map.Entry<String, CompletableFuture<Integer>> command : commands.entrySet()) {
      assertThat(command.getValue().get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotZero();
      assertThat(outputs.get(command.getKey()).text()).contains("The Schema Registry is there.");
    }
    assertThat(outputs.get("migrate").text()).contains("created topic flowmeter.observations");
  }

  private static void awaitText(Output output, String text) {
    await("the output to contain: " + text)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(output.text()).contains(text));
  }

  private static HttpResponse<String> ask(Output output, String path) throws Exception {
    Matcher metrics = METRICS.matcher(output.text());
    assertThat(metrics.find()).isTrue();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(metrics.group(1) + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  @Order(2)
  void anIncompatibleSchemaIsRefusedWithWhatIsWrongAndWhatToDo() throws Exception {
    Backends backends = Backends.find(settings());
    assertThat(BackendMigration.topicsAndSchemas(backends)).isEmpty();
    incompatible(Topics.VERSIONS.subject());

    assertThatThrownBy(() -> BackendMigration.topicsAndSchemas(backends))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining(Topics.VERSIONS.subject())
        .hasMessageContaining("FULL_TRANSITIVE")
        .hasMessageContaining("use a separate registry")
        .hasMessageContaining("flowmeter migrate");
  }

  @Test
  @Order(3)
  void replayTellsWhatThereIsAndWhatCannotBeReplayed() {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(letter("flowmeter.observations"));
      producer.send(letter("elsewhere\u001b[2J"));
    }

    Output dry = new Output();
    assertThat(dry.run("replay", "--dry-run", "--topic", "observations", "--since", "1000d"))
        .isZero();
    assertThat(dry.lines())
        .containsExactly(
            "1 dead letter from flowmeter.observations: SerializationException: schema id {} is"
                + " not there",
            "  of 2026-11-24 12:00:00 to 2026-11-24 12:00:00, such as local/billing/a (letter 0@0)",
            "would replay 1 dead letter: 0 done before, 1 left out by filters, 0 cannot be"
                + " replayed; nothing was changed, this was a dry run");

    Output replayed = new Output();
    assertThat(replayed.run("replay")).isEqualTo(1);
    assertThat(replayed.lines())
        .contains(
            "  cannot be replayed: it came from a topic that is none of observations or rows",
            "replayed 1 dead letter: 0 done before, 0 left out by filters, 1 cannot be"
                + " replayed")
        .noneMatch(line -> line.contains("\u001b"));

    Output again = new Output();
    assertThat(again.run("replay")).isZero();
    assertThat(again.lines())
        .singleElement()
        .asString()
        .startsWith("replayed 0 dead letters: 2 done");
    assertThat(new Output().run("replay", "--since", "T")).isEqualTo(2);
  }

  /** As somebody else's product has it: a subject of the same name, with another record. */
  private static void incompatible(String subject) throws Exception {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(registry.url() + "/subjects/" + subject))
                .DELETE()
                .build(),
            HttpResponse.BodyHandlers.discarding());
    Schema schema =
        SchemaBuilder.record("Version")
            .namespace("elsewhere")
            .fields()
            .requiredString("number")
            .endRecord();
    try (SchemaRegistry client = SchemaRegistry.confluent(registry.url().toString())) {
      client.register(subject, schema);
    }
  }

  private static ProducerRecord<String, String> letter(String topic) {
    ProducerRecord<String, String> deadLetter =
        new ProducerRecord<>(
            Topics.DEAD_LETTERS,
            0,
            Instant.parse("2026-11-24T12:00:00Z").toEpochMilli(),
            "local/billing/a",
            "poison");
    header(deadLetter, "topic", topic);
    header(deadLetter, "partition", "0");
    header(deadLetter, "exception", "org.apache.kafka.common.errors.SerializationException");
    header(deadLetter, "message", "schema id 7 is not there");
    return deadLetter;
  }

  private static void header(ProducerRecord<?, ?> record, String name, String value) {
    record.headers().add("__streams.errors." + name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> flags() {
    return Map.of(
        "data.dir",
        data.resolve("data").toString(),
        "kafka.bootstrap.servers",
        "127.0.0.1:" + KAFKA_PORT.number(),
        "source.url",
        "http://127.0.0.1:1/",
        "metrics.port",
        "0",
        "registry.url",
        "http://127.0.0.1:" + REGISTRY_PORT.number() + "/apis/ccompat/v7");
  }

  private static Settings settings() {
    return Settings.read(flags(), Map.of(), Optional.empty());
  }

  /** What a command says. */
  private static final class Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    int run(String... command) {
      List<String> arguments = new ArrayList<>(List.of(command));
      flags()
          .forEach(
              (name, value) -> {
                arguments.add("--" + name);
                arguments.add(value);
              });
      return Flowmeter.run(
          arguments.toArray(String[]::new),
          Map.of(),
          Console.plain(new PrintStream(bytes, true, StandardCharsets.UTF_8)));
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    List<String> lines() {
      return text().lines().toList();
    }
  }
}
