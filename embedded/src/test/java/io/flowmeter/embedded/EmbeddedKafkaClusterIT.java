package io.flowmeter.embedded;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts three more JVMs than the build has time for: {@code mvn verify -Pnightly} runs it. */
@Tag("nightly")
class EmbeddedKafkaClusterIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void clusterAcceptsRecordsWithoutAnyOneNode() throws Exception {
    try (EmbeddedKafkaCluster cluster = EmbeddedKafkaCluster.start(directory, 3);
        Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(
                Map.of(
                    "bootstrap.servers",
                    cluster.bootstrapServers(),
                    ProducerConfig.ACKS_CONFIG,
                    "all"),
                new StringSerializer(),
                new StringSerializer())) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("greetings", Optional.of(1), Optional.of((short) 3))
                      .configs(Map.of("min.insync.replicas", "2"))))
          .all()
          .get();
      for (int node : cluster.nodes()) {
        cluster.kill(node);
        producer.send(new ProducerRecord<>("greetings", "without " + node)).get();
        cluster.restart(node);
        await("all three replicas in sync").atMost(TIMEOUT).until(() -> inSyncReplicas(admin) == 3);
      }
    }
  }

  private static int inSyncReplicas(Admin admin) throws Exception {
    return admin
        .describeTopics(List.of("greetings"))
        .allTopicNames()
        .get()
        .get("greetings")
        .partitions()
        .get(0)
        .isr()
        .size();
  }
}
