package io.flowmeter.ingest;

import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * A real broker and a real registry, started once for all test classes that this JVM runs. Tests
 * keep apart by their accounts.
 */
public final class RealBackends implements BeforeAllCallback {
  private static RealBackends started;

  private Path directory;
  private EmbeddedKafka kafka;
  private EmbeddedSchemaRegistry registryServer;
  private SchemaRegistry registry;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    if (started == null) {
      start();
      started = this;
      context
          .getStore(StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.GLOBAL)
          .put(RealBackends.class, (AutoCloseable) RealBackends::stop);
    }
  }

  private void start() throws IOException {
    directory = Files.createTempDirectory("flowmeter-ingest");
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    registryServer = EmbeddedSchemaRegistry.start(directory.resolve("registry"), 0);
    registry = SchemaRegistry.confluent(registryServer.url().toString());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      List<String> done =
          KafkaProvisioner.apply(admin, registry, KafkaProvisioner.Settings.DEFAULTS);
      if (done.isEmpty()) {
        throw new IllegalStateException("nothing was there before, but nothing was made");
      }
    }
  }

  private static void stop() throws IOException {
    started.registry.close();
    started.registryServer.close();
    started.kafka.close();
    try (Stream<Path> files = Files.walk(started.directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
    started = null;
  }

  public static Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", started.kafka.bootstrapServers());
  }

  public static String registryUrl() {
    return started.registryServer.url().toString();
  }

  public static SchemaRegistry registry() {
    return started.registry;
  }

  /** What is committed to the observations of an account, partition by partition. */
  public static List<Observation> observations(String account) {
    return committed(Topics.OBSERVATIONS, account).stream()
        .map(each -> each.value().orElseThrow())
        .toList();
  }

  /** A committed record. */
  public record Committed<T>(int partition, String key, Optional<T> value) {}

  /** What is committed to a topic for an account, partition by partition. */
  public static <T extends SpecificRecord> List<Committed<T>> committed(
      Topic<T> topic, String account) {
    Deserializer<T> values = AvroSerde.deserializer(topic, registry());
    List<Committed<T>> all = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> each : raw(topic.name())) {
      String key = new String(each.key(), StandardCharsets.UTF_8);
      if (key.startsWith(account + "/")) {
        Optional<T> value =
            Optional.ofNullable(each.value()).map(bytes -> values.deserialize(topic.name(), bytes));
        all.add(new Committed<>(each.partition(), key, value));
      }
    }
    return all;
  }

  /**
   * What is committed to a topic, as bytes. A commit is confirmed before its end stands in every
   * partition, and until then its records are not shown: so all that was written is waited for.
   */
  public static List<ConsumerRecord<byte[], byte[]>> raw(String topic) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (Consumer<byte[], byte[]> written = consumer("read_uncommitted");
        Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = written.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(all::add);
      }
    }
    return all;
  }

  private static Consumer<byte[], byte[]> consumer(String isolation) {
    Map<String, Object> config = new HashMap<>(kafka());
    config.put("isolation.level", isolation);
    config.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
