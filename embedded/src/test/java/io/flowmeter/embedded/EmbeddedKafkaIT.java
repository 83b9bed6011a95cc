package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
  private static final TopicPartition GREETINGS = new TopicPartition("greetings", 0);

  @TempDir Path directory;

  @Test
  void recordsClusterIdAndPortSurviveRestart() throws Exception {
    String clusterId;
    int port;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      clusterId = kafka.clusterId();
      port = kafka.port();
      createTopic(kafka);
      sendInTransaction(kafka, "before");
      assertThat(kafka.isAlive()).isTrue();
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, port)) {
      assertThat(kafka.clusterId()).isEqualTo(clusterId);
      assertThat(kafka.port()).isEqualTo(port);
      sendInTransaction(kafka, "after");
      assertThat(read(kafka, 2)).containsExactly("before", "after");
    }
  }

  @Test
  void portInUseIsReplaced() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, other.getLocalPort())) {
      assertThat(kafka.port()).isNotEqualTo(other.getLocalPort());
      assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + kafka.port());
    }
  }

  @Test
  void directoryInUseIsRejectedAndOwnerContinues() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      assertThatThrownBy(() -> EmbeddedKafka.start(directory, 0))
          .isInstanceOf(EmbeddedServiceException.class)
          .hasMessageContaining("data directory " + directory)
          .hasMessageContaining("Stop that process, or choose another");
      createTopic(kafka);
      sendInTransaction(kafka, "still here");
      assertThat(read(kafka, 1)).containsExactly("still here");
    }
  }

  @Test
  void topicsAreNotCreatedAutomatically() {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.block.ms", "500"),
                new StringSerializer(),
                new StringSerializer())) {
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>("never.created", "hello")).get())
          .hasMessageContaining("never.created");
    }
  }

  private static void createTopic(EmbeddedKafka kafka) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(GREETINGS.topic(), 1, (short) 1))).all().get();
    }
  }

  private static void sendInTransaction(EmbeddedKafka kafka, String value) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "test"),
            new StringSerializer(),
            new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(GREETINGS.topic(), value));
      producer.commitTransaction();
    }
  }

  private static List<String> read(EmbeddedKafka kafka, int expected) {
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.assign(List.of(GREETINGS));
      List<String> values = new java.util.ArrayList<>();
      return await("records of " + GREETINGS)
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> values.add(each.value()));
                return values;
              },
              all -> all.size() >= expected);
    }
  }
}
