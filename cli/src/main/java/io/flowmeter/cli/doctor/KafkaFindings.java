package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.rebuild.RebuildException;
import io.flowmeter.streams.rebuild.UnknownState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** What is to be said of a Kafka that there ought to be, and of its topics and groups. */
final class KafkaFindings {
  private final Backends backends;

  KafkaFindings(Backends backends) {
    this.backends = backends;
  }

  List<Finding> all() {
    String where = backends.bootstrapServers().orElseThrow();
    Admin admin = null;
    try {
      admin = backends.admin(Reason.PATIENCE);
      var cluster = admin.describeCluster();
      int brokers = cluster.nodes().get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS).size();
      String id = cluster.clusterId().get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      Finding here = fine("Kafka", "%s: cluster %s, %d broker(s)".formatted(where, id, brokers));
      List<String> missing = BackendMigration.missingTopics(admin);
      List<Finding> found = new ArrayList<>();
      found.add(here);
      found.add(
          missing.isEmpty()
              ? fine("topics", "all %d are there".formatted(Topics.ALL.size() + 1))
              : wrong("topics", "missing: " + String.join(", ", missing), "Run flowmeter migrate"));
      if (missing.isEmpty()) {
        found.addAll(TopicSettings.of(admin, backends.settings()));
        found.addAll(pipeline(admin));
      }
      found.add(generation());
      return found;
    } catch (UnusableBackendException e) {
      return List.of(wrong("Kafka", e.getMessage()));
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      return List.of(
          wrong(
              "Kafka",
              "%s: asked for the cluster, came %s".formatted(where, Reason.of(e)),
              "Check kafka.bootstrap.servers, kafka.security.protocol and kafka.sasl.*, and that the brokers' advertised addresses can be reached from here"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(wrong("Kafka", "interrupted"));
    } finally {
      if (admin != null) {
        // What was not answered until now would be waited for for a minute.
        admin.close(Duration.ZERO);
      }
    }
  }

  /** Who works, how far behind they are, and what they could not process. */
  private List<Finding> pipeline(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<Finding> found = new ArrayList<>();
    try {
      found.addAll(
          ConsumerGroupChecks.of(
              admin,
              Settings.accounts(backends.settings().get(Setting.ACCOUNT_ID).orElse("")),
              backends.streamSettings(backends.kafka()).applicationId()));
    } catch (RebuildException e) {
      found.add(wrong("topology", e.getMessage()));
    }
    found.add(DeadLettersWaiting.of(admin, backends.kafka()));
    return found;
  }

  private Finding generation() {
    try {
      StreamSettings streams = backends.streamSettings(backends.kafka());
      return UnknownState.of(streams)
          .map(strange -> wrong("state", strange))
          .orElseGet(() -> fine("state", "generation " + streams.generation()));
    } catch (RebuildException e) {
      return wrong("state", e.getMessage());
    }
  }
}
