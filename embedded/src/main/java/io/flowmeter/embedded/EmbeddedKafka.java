package io.flowmeter.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * A Kafka broker with its KRaft controller, in this process. It has one node and replication factor
 * 1. Topics are not created automatically.
 *
 * <p>Kafka has no public API for this. All use of its internal classes is in this file, for one
 * pinned version. It wires the same objects as {@link KafkaRaftServer}, with two differences. The
 * sockets are bound beforehand, so that a port cannot be lost between choosing and using it. A
 * fatal fault completes {@link #death} and does not end the JVM. (Losing the disk still ends it:
 * the broker halts when its last log directory fails.)
 */
public final class EmbeddedKafka implements EmbeddedService {
  public static final String NAME = "kafka";

  private static final Logger log = LoggerFactory.getLogger(EmbeddedKafka.class);
  private static final int NODE_ID = 1;
  private static final String CONTROLLER = "CONTROLLER";
  private static final String CLUSTER_ID_FILE = "cluster.id";

  private final DataDirectory directory;
  private final Sockets sockets;
  private final Optional<KafkaSecurity> security;
  private final String clusterId;
  private final CompletableFuture<EmbeddedServiceException> death = new CompletableFuture<>();
  private final Metrics metrics;
  private final ControllerServer controller;
  private final BrokerServer broker;
  private volatile boolean closed;

  private EmbeddedKafka(DataDirectory directory, Sockets sockets, Optional<KafkaSecurity> security)
      throws Exception {
    this.directory = directory;
    this.sockets = sockets;
    this.security = security;
    this.clusterId = format();
    KafkaConfig config = KafkaConfig.fromProps(settings());
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> disk =
        KafkaRaftServer.initializeLogDirs(config, log, "[embedded] ");
    this.metrics = Server.initializeMetrics(config, Time.SYSTEM, clusterId);
    SharedServer shared =
        new SharedServer(
            config,
            disk._1(),
            Time.SYSTEM,
            metrics,
            CompletableFuture.completedFuture(Map.of(NODE_ID, sockets.controllerAddress())),
            List.of(),
            this::faultHandler,
            sockets);
    this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), disk._2());
    this.broker = new BrokerServer(shared);
  }

  /**
   * Starts a broker and returns when it is ready.
   *
   * @param directory its data, kept over restarts; created if missing
   * @param preferredPort the port on 127.0.0.1; any free port is used if this is 0 or in use
   * @throws EmbeddedServiceException if it cannot start
   */
  public static EmbeddedKafka start(Path directory, int preferredPort) {
    return start(directory, preferredPort, Optional.empty());
  }

  /** Starts a broker that requires TLS and authentication, from its first start on. */
  public static EmbeddedKafka startSecured(
      Path directory, int preferredPort, KafkaSecurity security) {
    return start(directory, preferredPort, Optional.of(security));
  }

  private static EmbeddedKafka start(
      Path directory, int preferredPort, Optional<KafkaSecurity> security) {
    DataDirectory claimed = DataDirectory.claim(NAME, directory);
    Sockets sockets = new Sockets(preferredPort);
    EmbeddedKafka kafka;
    try {
      kafka = new EmbeddedKafka(claimed, sockets, security);
    } catch (Exception e) {
      sockets.close();
      claimed.close();
      throw failed(claimed.path(), e);
    }
    try {
      // Starts the controller first, because the broker registers with its endpoint.
      kafka.controller.startup();
      kafka.broker.startup();
    } catch (Exception e) {
      kafka.close();
      throw failed(claimed.path(), e);
    }
    return kafka;
  }

  private static EmbeddedServiceException failed(Path directory, Exception cause) {
    return new EmbeddedServiceException(
        "The Kafka broker did not start on %s: %s. See the log. If its data is damaged, move the directory away to start without data."
            .formatted(directory, cause),
        cause);
  }

  /** Returns {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return Loopback.HOST + ":" + port();
  }

  /** Returns the cluster's ID. It is created at the first start and kept in the data directory. */
  public String clusterId() {
    return clusterId;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int port() {
    return sockets.brokerPort;
  }

  @Override
  public Path directory() {
    return directory.path();
  }

  @Override
  public boolean isAlive() {
    return !closed && !death.isDone();
  }

  @Override
  public CompletionStage<EmbeddedServiceException> death() {
    return death.minimalCompletionStage();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    // Stops the broker first, because it deregisters from the controller.
    Utils.closeQuietly(broker::shutdown, "Kafka broker");
    Utils.closeQuietly(controller::shutdown, "Kafka controller");
    Utils.closeQuietly(metrics, "Kafka metrics");
    sockets.close();
    directory.close();
  }

  private FaultHandler faultHandler(String name, boolean fatal, Runnable action) {
    return (message, cause) -> {
      log.error("Kafka reported a fault in {}: {}", name, message, cause);
      action.run();
      EmbeddedServiceException fault =
          new EmbeddedServiceException(
              "The embedded Kafka broker reported a fault in %s: %s".formatted(name, message),
              cause);
      if (fatal && !closed) {
        death.complete(fault);
      }
      return fault;
    };
  }

  /** Formats the storage at the first start. Returns the cluster ID. */
  private String format() throws Exception {
    Path file = directory.resolve(CLUSTER_ID_FILE);
    if (!Files.exists(file)) {
      Files.writeString(file, Uuid.randomUuid().toString());
    }
    String id = Files.readString(file).strip();
    format(
        NODE_ID,
        id,
        logDirectory(),
        CONTROLLER,
        security.map(KafkaSecurity::scramArguments).orElse(List.of()));
    return id;
  }

  /**
   * Formats a node's storage, unless it is formatted.
   *
   * @param logins the SCRAM credentials, in the format of Kafka's storage tool
   */
  static void format(
      int nodeId, String clusterId, Path logs, String controllerListener, List<String> logins) {
    try {
      new Formatter()
          .setNodeId(nodeId)
          .setClusterId(clusterId)
          .setDirectories(List.of(logs.toString()))
          .setMetadataLogDirectory(logs.toString())
          .setScramArguments(logins)
          .setControllerListenerName(controllerListener)
          .setIgnoreFormatted(true)
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8))
          .run();
    } catch (Exception e) {
      throw new EmbeddedServiceException(
          "Kafka's storage could not be formatted in %s: %s".formatted(logs, e), e);
    }
  }

  private Path logDirectory() {
    return directory.resolve("logs");
  }

  private Properties settings() {
    Properties p = new Properties();
    String listener = security.isPresent() ? KafkaSecurity.LISTENER : "PLAINTEXT";
    security.map(KafkaSecurity::brokerSettings).ifPresent(p::putAll);
    p.putAll(
        Map.of(
            "process.roles",
            "broker,controller",
            "node.id",
            Integer.toString(NODE_ID),
            "log.dirs",
            logDirectory().toString(),
            "listeners",
            "%s://%s,%s://%s"
                .formatted(
                    listener,
                    bootstrapServers(),
                    CONTROLLER,
                    Loopback.HOST + ":" + sockets.controllerPort),
            "advertised.listeners",
            listener + "://" + bootstrapServers(),
            "listener.security.protocol.map",
            "%1$s:%1$s,%2$s:PLAINTEXT".formatted(listener, CONTROLLER),
            "controller.listener.names",
            CONTROLLER,
            "controller.quorum.voters",
            "%d@%s:%d".formatted(NODE_ID, Loopback.HOST, sockets.controllerPort),
            "auto.create.topics.enable",
            "false"));
    p.putAll(
        Map.of(
            "offsets.topic.num.partitions", "1",
            "offsets.topic.replication.factor", "1",
            "transaction.state.log.num.partitions", "1",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "share.coordinator.state.topic.num.partitions", "1",
            "share.coordinator.state.topic.replication.factor", "1",
            "share.coordinator.state.topic.min.isr", "1",
            "group.initial.rebalance.delay.ms", "0"));
    // After a kill, the controller accepts the new broker when the dead broker's session ends. The
    // default of 9 s is too long.
    p.putAll(
        Map.of(
            "broker.session.timeout.ms", "3000",
            "broker.heartbeat.interval.ms", "500"));
    // These are kept small, because the broker shares the machine and often the heap with
    // Flowmeter. Small segments let retention and compaction free disk space early. Indexes are
    // mapped at full size. The cleaner's map holds 600,000 keys in one pass.
    p.putAll(
        Map.of(
            "log.segment.bytes", Integer.toString(32 << 20),
            "log.index.size.max.bytes", Integer.toString(1 << 20),
            "offsets.topic.segment.bytes", Integer.toString(8 << 20),
            "transaction.state.log.segment.bytes", Integer.toString(8 << 20),
            "metadata.log.segment.bytes", Integer.toString(8 << 20),
            "log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20),
            "num.network.threads", "2",
            "num.io.threads", "4",
            "background.threads", "2"));
    return p;
  }

  /**
   * The two listening sockets. They are bound before the server is built, and passed to it on
   * request.
   */
  private static final class Sockets implements ServerSocketFactory, AutoCloseable {
    final int brokerPort;
    final int controllerPort;
    private final Map<Integer, ServerSocketChannel> unused = new ConcurrentHashMap<>();

    Sockets(int preferredPort) {
      brokerPort = bind(preferredPort);
      controllerPort = bind(0);
    }

    InetSocketAddress controllerAddress() {
      return Loopback.address(controllerPort);
    }

    private int bind(int preferredPort) {
      try {
        ServerSocketChannel socket = Loopback.bind(preferredPort);
        int port = Loopback.portOf(socket);
        unused.put(port, socket);
        return port;
      } catch (IOException e) {
        throw new EmbeddedServiceException(
            "Could not read the port of a socket that was just bound", e);
      }
    }

    @Override
    public ServerSocketChannel openServerSocket(
        String listener, InetSocketAddress address, int backlog, int receiveBufferSize)
        throws IOException {
      ServerSocketChannel bound = unused.remove(address.getPort());
      if (bound == null) {
        return INSTANCE.openServerSocket(listener, address, backlog, receiveBufferSize);
      }
      bound.configureBlocking(false);
      return bound;
    }

    @Override
    public void close() {
      unused.values().forEach(socket -> Utils.closeQuietly(socket, "unused listening socket"));
      unused.clear();
    }
  }
}
