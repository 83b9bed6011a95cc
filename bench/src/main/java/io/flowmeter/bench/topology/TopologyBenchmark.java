package io.flowmeter.bench.topology;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealServers;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.FlowmeterTopology;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * Records a second through the topology, beside Kafka Streams with nothing to do, and beside itself
 * with at-least-once; alone, and with the writer behind it.
 *
 * @param runs two observations of each, a row and a detail of 20 steps
 * @param warmUps rounds before those that count
 * @param rounds that count
 */
public record TopologyBenchmark(int runs, int warmUps, int rounds) {
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final String CHANGELOG = "-changelog";

  /** What takes turns, by the name that figures have. */
  private enum Contender {
    TOPOLOGY(StreamsConfig.EXACTLY_ONCE_V2, false),
    AT_LEAST_ONCE(StreamsConfig.AT_LEAST_ONCE, false),
    PASS_THROUGH(StreamsConfig.EXACTLY_ONCE_V2, false),
    PASS_THROUGH_WITH_CHANGELOGS(StreamsConfig.EXACTLY_ONCE_V2, false),
    WHOLE(StreamsConfig.EXACTLY_ONCE_V2, true),
    WHOLE_AT_LEAST_ONCE(StreamsConfig.AT_LEAST_ONCE, true);

    final String guarantee;

    /** The writer brings what it tells into ClickHouse meanwhile. */
    final boolean written;

    Contender(String guarantee, boolean written) {
      this.guarantee = guarantee;
      this.written = written;
    }

    boolean passesThrough() {
      return this == PASS_THROUGH || this == PASS_THROUGH_WITH_CHANGELOGS;
    }

    RealServers parts() throws IOException, SQLException {
      return written ? RealServers.start() : RealServers.kafkaAlone();
    }
  }

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d runs of 20 steps, each observed twice, and the end of a sweep of each workflow every ten minutes of theirs, in
        a Kafka that runs in this process (4 partitions, one stream thread, shipped settings). All contenders by
        turns, each on a new broker with the same observations, %d rounds after %d to warm up, the median of each;
        from RUNNING until the last observation is committed. topology: as shipped, exactly-once. at_least_once: the
        same but for that. pass_through: Kafka Streams with exactly-once, which writes as many records of the same
        sizes to as many topics for each observation, without state; pass_through_with_changelogs: and also what the
        topology wrote to its stores' changelogs. whole, whole_at_least_once: the topology, and at the same time the
        writer, into the embedded ClickHouse, until every row is acknowledged there, too. Sweeps' ends are work, but
        not counted as observations.
        cpu: processor time an observation, of this process, the broker's included and ClickHouse's not; and by what
        its threads are there
        for: Kafka Streams' threads, their producers', the broker's, the JVM's compilers and its collecting of garbage,
        stores on disk, and all others.""",
        runs,
        rounds,
        warmUps);
  }

  /** What one contender took once; processor time in microseconds an observation. */
  private record Turn(double seconds, Map<ProcessorTime.Part, Double> cpu) {
    double allCpu() {
      return cpu.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    Map<Contender, List<Turn>> turns = new LinkedHashMap<>();
    List<OutputStats> outputs = List.of();
    for (int round = -warmUps; round < rounds; round++) {
      for (Contender contender : Contender.values()) {
        progress.accept(
            contender.name().toLowerCase(Locale.ROOT)
                + ": round "
                + (round + warmUps + 1)
                + " of "
                + (rounds + warmUps));
        try (RealServers servers = contender.parts()) {
          long sent = ObservedRuns.send(servers.kafka(), servers.registry(), runs, true);
          Turn turn = turn(contender, servers, outputs, sent);
          if (contender == Contender.TOPOLOGY) {
            outputs = OutputStats.in(servers.kafka(), written(servers));
          }
          if (round >= 0) {
            turns.computeIfAbsent(contender, name -> new ArrayList<>()).add(turn);
          }
        } catch (IOException | SQLException e) {
          throw new BenchmarkException("a broker could not be started: " + e.getMessage(), e);
        }
      }
    }
    return figures(turns, outputs);
  }

  private int observations() {
    return 2 * runs;
  }

  private Turn turn(Contender contender, RealServers servers, List<OutputStats> outputs, long sent)
      throws InterruptedException {
    StreamSettings settings = StreamSettings.of(servers.kafka(), servers.folder("streams"));
    Properties config = new Properties();
    config.putAll(settings.streamsConfig());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, contender.guarantee);
    if (contender.passesThrough()) {
      List<OutputStats> which =
          contender == Contender.PASS_THROUGH
              ? outputs.stream().filter(each -> !each.topic().endsWith(CHANGELOG)).toList()
              : outputs;
      createTopics(servers, which);
      return processed(
          ForwardingTopology.of(Topics.OBSERVATIONS.name(), sent, which),
          config,
          servers,
          () -> {});
    }
    if (!contender.written) {
      return processed(topology(settings, servers), config, servers, () -> {});
    }
    try (ClickHouseWriter writer =
        ClickHouseWriter.start(
            WriterSettings.of(servers.kafka()), servers.registry(), servers.clickHouse())) {
      Turn turn =
          processed(topology(settings, servers), config, servers, () -> awaitWritten(writer));
      requireAllRows(servers, writer);
      return turn;
    }
  }

  /** Nothing waits for the writer, twice in a row, for what it knows of Kafka is a moment old. */
  private static void awaitWritten(ClickHouseWriter writer) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    for (int looks = 0; looks < 2; ) {
      if (System.nanoTime() > until || !writer.isRunning()) {
        throw new BenchmarkException("the writer did not write: " + writer.progress(), null);
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
      looks = writer.progress().lag().equals(OptionalLong.of(0)) ? looks + 1 : 0;
    }
  }

  private static void requireAllRows(RealServers servers, ClickHouseWriter writer) {
    List<String> relations = Topics.OF_RELATIONS.stream().map(Topic::name).toList();
    long published =
        OutputStats.in(servers.kafka(), relations).stream().mapToLong(OutputStats::records).sum();
    // Minutes may be told once more while the topology stops.
    awaitWritten(writer);
    if (writer.progress().totalRows() < published) {
      throw new BenchmarkException(
          "expected %d rows to be written, came %d"
              .formatted(published, writer.progress().totalRows()),
          null);
    }
  }

  private static Topology topology(StreamSettings settings, RealServers servers) {
    return FlowmeterTopology.build(settings.topology(), servers.registry(), settings.clock());
  }

  private static void createTopics(RealServers servers, List<OutputStats> outputs) {
    try (Admin admin = Admin.create(servers.kafka())) {
      admin
          .createTopics(
              outputs.stream()
                  .map(
                      each ->
                          new NewTopic(
                              ForwardingTopology.PREFIX + each.topic(),
                              Optional.of(RealServers.PARTITIONS),
                              Optional.empty()))
                  .toList())
          .all()
          .toCompletionStage()
          .toCompletableFuture()
          .join();
    }
  }

  /**
   * @param rest is waited for, too, once all observations are committed
   */
  private Turn processed(Topology topology, Properties config, RealServers servers, Runnable rest)
      throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch running = new CountDownLatch(1);
    // What the turn before left behind is not this one's.
    System.gc();
    try (KafkaStreams streams = new KafkaStreams(topology, config)) {
      streams.setStateListener(
          (now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
              running.countDown();
            }
          });
      streams.setUncaughtExceptionHandler(
          thrown -> {
            failure.set(thrown);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
          });
      streams.start();
      if (!running.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BenchmarkException("Kafka Streams did not start", failure.get());
      }
      ProcessorTime before = ProcessorTime.now();
      long startNanos = System.nanoTime();
      Offsets.awaitCommitted(
          servers.kafka(),
          StreamSettings.applicationId(0),
          Topics.OBSERVATIONS.name(),
          PATIENCE,
          () -> Optional.ofNullable(failure.get()));
      rest.run();
      return new Turn((System.nanoTime() - startNanos) / 1e9, cpu(before, ProcessorTime.now()));
    }
  }

  private Map<ProcessorTime.Part, Double> cpu(ProcessorTime before, ProcessorTime after) {
    Map<ProcessorTime.Part, Double> cpu = new EnumMap<>(ProcessorTime.Part.class);
    for (ProcessorTime.Part part : ProcessorTime.Part.values()) {
      cpu.put(part, after.since(before, part) / 1e3 / observations());
    }
    return cpu;
  }

  /** What the topology writes to: relations, and changelogs of its stores. */
  private static List<String> written(RealServers servers) {
    List<String> relations = Topics.OF_RELATIONS.stream().map(topic -> topic.name()).toList();
    return Offsets.topics(servers.kafka()).stream()
        .filter(
            name ->
                relations.contains(name)
                    || (name.startsWith(StreamSettings.applicationId(0))
                        && name.endsWith(CHANGELOG)))
        .toList();
  }

  private List<Figure> figures(Map<Contender, List<Turn>> turns, List<OutputStats> outputs) {
    List<Figure> figures = new ArrayList<>();
    outputs.forEach(
        each -> {
          String name = "topology.told." + shortName(each.topic());
          figures.add(new Figure(name + ".records", each.records() / (double) runs, "n/run"));
          figures.add(
              new Figure(name + ".bytes", each.bytes() / (double) each.records(), "B/record"));
        });
    Map<Contender, Double> rates = new LinkedHashMap<>();
    turns.forEach(
        (contender, of) -> {
          String name = "topology." + contender.name().toLowerCase(Locale.ROOT);
          double rate = observations() / median(of.stream().mapToDouble(Turn::seconds).toArray());
          rates.put(contender, rate);
          figures.add(new Figure(name + ".rate", rate, "records/s"));
          figures.add(
              new Figure(
                  name + ".cpu",
                  median(of.stream().mapToDouble(Turn::allCpu).toArray()),
                  "us/record"));
          for (ProcessorTime.Part part : ProcessorTime.Part.values()) {
            figures.add(
                new Figure(
                    name + ".cpu." + part.name().toLowerCase(Locale.ROOT),
                    median(of.stream().mapToDouble(turn -> turn.cpu().get(part)).toArray()),
                    "us/record"));
          }
        });
    double rate = rates.get(Contender.TOPOLOGY);
    figures.add(
        new Figure(
            "topology.over_pass_through", rate / rates.get(Contender.PASS_THROUGH), "ratio"));
    figures.add(
        new Figure(
            "topology.over_pass_through_with_changelogs",
            rate / rates.get(Contender.PASS_THROUGH_WITH_CHANGELOGS),
            "ratio"));
    figures.add(
        new Figure(
            "topology.exactly_once_over_at_least_once",
            rate / rates.get(Contender.AT_LEAST_ONCE),
            "ratio"));
    figures.add(
        new Figure(
            "topology.whole_exactly_once_over_at_least_once",
            rates.get(Contender.WHOLE) / rates.get(Contender.WHOLE_AT_LEAST_ONCE),
            "ratio"));
    return figures;
  }

  /** The relation's name, or that of the store. */
  private static String shortName(String topic) {
    return topic.endsWith(CHANGELOG)
        ? "changelog."
            + topic.substring(
                StreamSettings.applicationId(0).length() + 1, topic.length() - CHANGELOG.length())
        : topic.substring(Topic.PREFIX.length());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
