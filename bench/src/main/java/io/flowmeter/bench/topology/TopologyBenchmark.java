package io.flowmeter.bench.topology;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealParts;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.topology.FlowmeterTopology;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * Records a second through the topology, beside Kafka Streams with nothing to do, and beside itself
 * with at-least-once.
 *
 * @param runs two observations of each, a row and a detail of 20 steps
 * @param warmUps rounds before those that count
 * @param rounds that count
 */
public record TopologyBenchmark(int runs, int warmUps, int rounds) {
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final String CHANGELOG = "-changelog";

  /** What takes turns, by the name that figures have. */
  private enum Contender {
    TOPOLOGY,
    AT_LEAST_ONCE,
    PASS_THROUGH,
    PASS_THROUGH_WITH_CHANGELOGS
  }

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d runs of 20 steps, each observed twice, in a Kafka that runs in this process (4 partitions, one stream
        thread, shipped settings). All contenders by turns, each on a new broker with the same observations, %d
        rounds after %d to warm up, the median of each; from RUNNING until the last observation is committed.
        topology: as shipped, exactly-once. at_least_once: the same but for that. pass_through: Kafka Streams with
        exactly-once, which writes as many records of the same sizes to as many topics for each observation,
        without state; pass_through_with_changelogs: and also what the topology wrote to its stores' changelogs.
        cpu: processor time an observation, of this process, the broker's included.""",
        runs,
        rounds,
        warmUps);
  }

  private record Turn(double seconds, double cpuMicros) {}

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    Map<Contender, List<Turn>> turns = new LinkedHashMap<>();
    List<Told> told = List.of();
    for (int round = -warmUps; round < rounds; round++) {
      for (Contender contender : Contender.values()) {
        progress.accept(
            contender.name().toLowerCase(Locale.ROOT)
                + ": round "
                + (round + warmUps + 1)
                + " of "
                + (rounds + warmUps));
        try (RealParts parts = RealParts.kafkaAlone()) {
          ObservedRuns.send(parts.kafka(), parts.registry(), runs, true);
          Turn turn = turn(contender, parts, told);
          if (contender == Contender.TOPOLOGY) {
            told = Told.in(parts.kafka(), written(parts));
          }
          if (round >= 0) {
            turns.computeIfAbsent(contender, name -> new ArrayList<>()).add(turn);
          }
        } catch (IOException | SQLException e) {
          throw new BenchmarkException("a broker could not be started: " + e.getMessage(), e);
        }
      }
    }
    return figures(turns, told);
  }

  private int observations() {
    return 2 * runs;
  }

  private Turn turn(Contender contender, RealParts parts, List<Told> told)
      throws InterruptedException {
    StreamSettings settings = StreamSettings.of(parts.kafka(), parts.folder("streams"));
    Properties config = new Properties();
    config.putAll(settings.streamsConfig());
    switch (contender) {
      case TOPOLOGY -> {
        return processed(topology(settings, parts), config, parts);
      }
      case AT_LEAST_ONCE -> {
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        return processed(topology(settings, parts), config, parts);
      }
      default -> {
        List<Told> which =
            contender == Contender.PASS_THROUGH
                ? told.stream().filter(each -> !each.topic().endsWith(CHANGELOG)).toList()
                : told;
        createTopics(parts, which);
        return processed(
            PassThrough.of(Topics.OBSERVATIONS.name(), observations(), which), config, parts);
      }
    }
  }

  private static Topology topology(StreamSettings settings, RealParts parts) {
    return FlowmeterTopology.build(settings.topology(), parts.registry(), settings.clock());
  }

  private static void createTopics(RealParts parts, List<Told> told) {
    try (Admin admin = Admin.create(parts.kafka())) {
      admin
          .createTopics(
              told.stream()
                  .map(
                      each ->
                          new NewTopic(
                              PassThrough.PREFIX + each.topic(),
                              Optional.of(RealParts.PARTITIONS),
                              Optional.empty()))
                  .toList())
          .all()
          .toCompletionStage()
          .toCompletableFuture()
          .join();
    }
  }

  private Turn processed(Topology topology, Properties config, RealParts parts)
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
      long cpu = cpuNanos();
      long begin = System.nanoTime();
      Offsets.awaitCommitted(
          parts.kafka(),
          StreamSettings.applicationId(0),
          Topics.OBSERVATIONS.name(),
          PATIENCE,
          () -> Optional.ofNullable(failure.get()));
      return new Turn((System.nanoTime() - begin) / 1e9, (cpuNanos() - cpu) / 1e3 / observations());
    }
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  /** What the topology writes to: relations, and changelogs of its stores. */
  private static List<String> written(RealParts parts) {
    List<String> relations = Topics.OF_RELATIONS.stream().map(topic -> topic.name()).toList();
    return Offsets.topics(parts.kafka()).stream()
        .filter(
            name ->
                relations.contains(name)
                    || (name.startsWith(StreamSettings.applicationId(0))
                        && name.endsWith(CHANGELOG)))
        .toList();
  }

  private List<Figure> figures(Map<Contender, List<Turn>> turns, List<Told> told) {
    List<Figure> figures = new ArrayList<>();
    told.forEach(
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
                  median(of.stream().mapToDouble(Turn::cpuMicros).toArray()),
                  "us/record"));
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
