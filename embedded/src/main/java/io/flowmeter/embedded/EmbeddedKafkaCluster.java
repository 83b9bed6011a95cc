package io.flowmeter.embedded;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/**
 * A cluster of three or more Kafka nodes on this machine. Each is a broker and a controller in a
 * process of its own, which can be killed individually. For fault injection: the nodes end with
 * this process, in no order.
 *
 * <p>By default a topic has three replicas.
 */
public final class EmbeddedKafkaCluster implements AutoCloseable {
  private static final String NAME = "kafka";
  private static final String MAIN = "kafka.Kafka";
  private static final String CONTROLLER = "CONTROLLER";
  private static final String HEAP = "-Xmx256m";
  private static final String COPIES = "3";
  private static final String COPIES_IN_SYNC = "2";
  private static final int MIN_NODES = 3;
  private static final String LOGGING = "logback.xml";

  /** The configuration of the logging library on the class path; without one there is no log. */
  private static final String WARNINGS_ONLY =
      """
      <configuration>
        <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d{ISO8601} %-5level %logger{0} %msg%n</pattern></encoder>
        </appender>
        <root level="WARN"><appender-ref ref="out"/></root>
      </configuration>
      """;

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
  private static final int RESPONSE_LIMIT_S = 5;

  /** A node's ports and files, whether it is running or not. */
  private record Node(
      int id, int brokerPort, int controllerPort, DataDirectory directory, Path settings) {
    String broker() {
      return Loopback.HOST + ":" + brokerPort;
    }

    String voter() {
      return "%d@%s:%d".formatted(id, Loopback.HOST, controllerPort);
    }
  }

  private final List<Node> nodes;
  private final ChildJvm[] running;

  private EmbeddedKafkaCluster(List<Node> nodes) {
    this.nodes = nodes;
    this.running = new ChildJvm[nodes.size()];
  }

  /**
   * Starts all nodes and returns when they know each other.
   *
   * @param directory their data, in a folder for each node
   * @throws EmbeddedServiceException if they are not ready within 90 s
   */
  public static EmbeddedKafkaCluster start(Path directory, int nodes) {
    if (nodes < MIN_NODES) {
      throw new IllegalArgumentException("expected 3 nodes or more, got " + nodes);
    }
    List<Node> all = new ArrayList<>();
    List<Integer> ports = Loopback.freePorts(2 * nodes);
    for (int id = 1; id <= nodes; id++) {
      DataDirectory own = DataDirectory.claim(NAME, directory.resolve("node-" + id));
      all.add(
          new Node(
              id,
              ports.get(2 * id - 2),
              ports.get(2 * id - 1),
              own,
              own.resolve("server.properties")));
    }
    EmbeddedKafkaCluster cluster = new EmbeddedKafkaCluster(List.copyOf(all));
    try {
      String clusterId = Uuid.randomUuid().toString();
      for (Node node : all) {
        cluster.write(node, clusterId);
      }
      IntStream.rangeClosed(1, nodes).forEach(cluster::launch);
      cluster.awaitServing();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Returns the addresses of all nodes, including those that are not running. */
  public String bootstrapServers() {
    return nodes.stream().map(Node::broker).collect(Collectors.joining(","));
  }

  public List<Integer> nodes() {
    return nodes.stream().map(Node::id).toList();
  }

  public long pid(int id) {
    return running[id - 1].pid();
  }

  /** Kills a node as {@code kill -9} does, and returns when its process has ended. */
  public void kill(int id) {
    running[id - 1].kill();
  }

  /** Starts a killed node on its data. Does not wait until it is ready. */
  public void restart(int id) {
    launch(id);
  }

  /** Waits until every node is ready and knows all others. */
  public void awaitServing() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    String last = "no response yet";
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) bootstrapServers()))) {
      while (System.nanoTime() < deadline) {
        requireRunning();
        try {
          int serving =
              admin.describeCluster().nodes().get(RESPONSE_LIMIT_S, TimeUnit.SECONDS).size();
          if (serving == nodes.size()) {
            return;
          }
          last = serving + " nodes are ready";
        } catch (ExecutionException | TimeoutException e) {
          last = e.toString();
        }
        Thread.sleep(POLL_INTERVAL.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServiceException("Interrupted while Kafka's nodes started", e);
    }
    throw new EmbeddedServiceException(
        "Kafka's %d nodes were not ready within %d s. Last result: %s. First node: %s"
            .formatted(nodes.size(), START_LIMIT.toSeconds(), last, running[0].describe()));
  }

  private void requireRunning() {
    for (ChildJvm node : running) {
      if (!node.isAlive()) {
        throw new EmbeddedServiceException("A Kafka node did not start: its " + node.describe());
      }
    }
  }

  @Override
  public void close() {
    Arrays.stream(running).filter(node -> node != null).forEach(ChildJvm::kill);
    nodes.forEach(node -> node.directory().close());
  }

  private void launch(int id) {
    Node node = nodes.get(id - 1);
    running[id - 1] =
        ChildJvm.start(
            NAME,
            node.directory().path(),
            KafkaHost.class.getName(),
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .map(Path::toAbsolutePath)
                .toList(),
            List.of(HEAP, "-Dlogback.configurationFile=" + node.directory().resolve(LOGGING)),
            List.of(MAIN, node.directory().path().toString(), node.settings().toString()));
  }

  private void write(Node node, String clusterId) {
    Path logs = node.directory().resolve("logs");
    EmbeddedKafka.format(node.id(), clusterId, logs, CONTROLLER, List.of());
    Properties settings = new Properties();
    settings.putAll(
        Map.of(
            "process.roles",
            "broker,controller",
            "node.id",
            Integer.toString(node.id()),
            "log.dirs",
            logs.toString(),
            "listeners",
            "PLAINTEXT://%s,%s://%s:%d"
                .formatted(node.broker(), CONTROLLER, Loopback.HOST, node.controllerPort()),
            "advertised.listeners",
            "PLAINTEXT://" + node.broker(),
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names",
            CONTROLLER,
            "controller.quorum.voters",
            nodes.stream().map(Node::voter).collect(Collectors.joining(","))));
    settings.putAll(
        Map.of(
            "default.replication.factor", COPIES,
            "offsets.topic.num.partitions", "3",
            "offsets.topic.replication.factor", COPIES,
            "transaction.state.log.num.partitions", "3",
            "transaction.state.log.replication.factor", COPIES,
            "transaction.state.log.min.isr", COPIES_IN_SYNC,
            "share.coordinator.state.topic.replication.factor", COPIES,
            "share.coordinator.state.topic.min.isr", COPIES_IN_SYNC,
            "group.initial.rebalance.delay.ms", "0",
            "auto.create.topics.enable", "false"));
    // The cluster must soon detect that a node was killed, and soon readmit one that has caught up.
    settings.putAll(
        Map.of(
            "broker.session.timeout.ms", "3000",
            "broker.heartbeat.interval.ms", "500",
            "replica.lag.time.max.ms", "5000",
            "log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20),
            "log.index.size.max.bytes", Integer.toString(1 << 20),
            "num.network.threads", "2",
            "num.io.threads", "4",
            "background.threads", "2"));
    try (OutputStream out = Files.newOutputStream(node.settings())) {
      settings.store(out, null);
      Files.writeString(node.directory().resolve(LOGGING), WARNINGS_ONLY);
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not write Kafka's settings " + node.settings(), e);
    }
  }
}
