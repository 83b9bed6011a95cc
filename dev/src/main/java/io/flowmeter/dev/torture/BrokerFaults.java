package io.flowmeter.dev.torture;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.embedded.EmbeddedKafkaCluster;
import io.flowmeter.schemas.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;

/**
 * Kills brokers of a cluster, by turns who leads the observations, who leads the controllers, and
 * any; and starts them again. The next dies when all copies are whole again, since more than one
 * missing is an outage and no fault that is to be survived.
 */
final class BrokerFaults implements AutoCloseable {
  private static final int LONGEST_AWAY_MS = 8_000;
  private static final int REST_MS = 30_000;
  private static final Duration WHOLE_WITHIN = Duration.ofSeconds(90);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final int ANSWERS_WITHIN_S = 5;

  /** Which broker is to die. */
  private enum Whom {
    LEADER,
    CONTROLLER,
    ANY
  }

  private final EmbeddedKafkaCluster cluster;
  private final Admin admin;
  private final Random random;
  private final InjectionCounts injected;
  private final ProgressListener progress;
  private final Runnable onKill;
  private OptionalInt dead = OptionalInt.empty();
  private boolean whole = true;
  private int kills;
  private long nextNanos;
  private long wholeByNanos;

  /**
   * @param onKill told just after a broker was killed
   */
  BrokerFaults(
      EmbeddedKafkaCluster cluster,
      long seed,
      InjectionCounts injected,
      ProgressListener progress,
      Runnable onKill) {
    this.cluster = cluster;
    this.admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) cluster.bootstrapServers()));
    this.random = new Random(seed * 13);
    this.injected = injected;
    this.progress = progress;
    this.onKill = onKill;
    this.nextNanos = rest(REST_MS);
  }

  /** Kills or starts a broker, when it is time. */
  void tick() throws InterruptedException {
    if (System.nanoTime() < nextNanos) {
      return;
    }
    if (dead.isPresent()) {
      restart();
    } else if (whole) {
      kill();
    } else {
      whole = isWhole();
      if (!whole && System.nanoTime() > wholeByNanos) {
        throw new IllegalStateException(
            "expected every copy in step within %d s after a broker was started again"
                .formatted(WHOLE_WITHIN.toSeconds()));
      }
      nextNanos = whole ? rest(REST_MS) : System.nanoTime() + LOOK_AGAIN.toNanos();
    }
  }

  /** Starts what is dead, and waits until every broker serves. */
  void repair() {
    if (dead.isPresent()) {
      restart();
    }
    cluster.awaitServing();
  }

  private void kill() throws InterruptedException {
    Whom whom = Whom.values()[kills++ % Whom.values().length];
    int id = one(whom);
    cluster.kill(id);
    onKill.run();
    dead = OptionalInt.of(id);
    whole = false;
    nextNanos = rest(LONGEST_AWAY_MS);
    injected.kill("kafka " + whom.name().toLowerCase(Locale.ROOT));
    progress.onProgress("kafka broker %d killed (%s)".formatted(id, whom));
  }

  private void restart() {
    cluster.restart(dead.getAsInt());
    progress.onProgress("kafka broker %d started again".formatted(dead.getAsInt()));
    dead = OptionalInt.empty();
    wholeByNanos = System.nanoTime() + WHOLE_WITHIN.toNanos();
    nextNanos = System.nanoTime() + LOOK_AGAIN.toNanos();
  }

  private int one(Whom whom) throws InterruptedException {
    List<Integer> nodes = cluster.nodes();
    int any = nodes.get(random.nextInt(nodes.size()));
    try {
      return switch (whom) {
        case LEADER -> leader().orElse(any);
        case CONTROLLER ->
            admin
                .describeMetadataQuorum()
                .quorumInfo()
                .get(ANSWERS_WITHIN_S, TimeUnit.SECONDS)
                .leaderId();
        case ANY -> any;
      };
    } catch (ExecutionException | TimeoutException e) {
      // Kafka does not tell now: any will do.
      return any;
    }
  }

  private OptionalInt leader() throws InterruptedException, ExecutionException, TimeoutException {
    return topics(List.of(Topics.OBSERVATIONS.name())).stream()
        .flatMap(topic -> topic.partitions().stream())
        .map(partition -> partition.leader())
        .filter(leader -> leader != null)
        .mapToInt(Node::id)
        .findFirst();
  }

  private boolean isWhole() throws InterruptedException {
    try {
      Set<String> names = admin.listTopics().names().get(ANSWERS_WITHIN_S, TimeUnit.SECONDS);
      return topics(names).stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.isr().size() == partition.replicas().size());
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private Collection<TopicDescription> topics(Collection<String> names)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admin
        .describeTopics(names)
        .allTopicNames()
        .get(ANSWERS_WITHIN_S, TimeUnit.SECONDS)
        .values();
  }

  private long rest(int mostMs) {
    return System.nanoTime() + Duration.ofMillis(random.nextInt(mostMs)).toNanos();
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
