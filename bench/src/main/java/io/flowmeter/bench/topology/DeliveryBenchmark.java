package io.flowmeter.bench.topology;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealServers;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How long an observation takes until queries see what follows from it, alone and among others.
 *
 * @param probes observations that are waited for, at each rate
 * @param threads of the topology, each of which commits for itself
 */
public record DeliveryBenchmark(int probes, int threads) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  /**
   * Longer than topology and writer wait for more to come: to them, a minute is no other. Not a
   * multiple of what they do every so often.
   */
  private static final Duration QUIET = Duration.ofMillis(2_230);

  private static final String FACT = "SELECT count() FROM step_runs WHERE workflow = ?";
  private static final String ROLLUP =
      "SELECT count() FROM workflow_minutes WHERE workflow = ? AND completed + errored > 0";

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d observations at each rate, each the whole detail of a run of 20 steps that ended, from the moment they are
        handed to Kafka's producer until queries, asked every %d ms, find what follows: fact, the step runs; rollup,
        the workflow's minute. Through the embedded Kafka, topology and writer as shipped, with %d stream threads, and
        the embedded ClickHouse, all on this machine.
        alone: nothing else is observed, and %d ms pass between two, which to topology and writer is as a minute;
        among_100: 100 others a second, 2,000 step runs.""",
        probes,
        LOOK_AGAIN.toMillis(),
        threads,
        QUIET.toMillis());
  }

  /** Milliseconds until each was found. */
  private record Waited(List<Double> fact, List<Double> rollup) {
    Waited() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void addTo(List<Figure> figures, String rate) {
      add(figures, "delivery." + rate + ".fact", fact);
      add(figures, "delivery." + rate + ".rollup", rollup);
    }

    private static void add(List<Figure> figures, String name, List<Double> millis) {
      double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      figures.add(new Figure(name + ".p50", quantile(sorted, 0.5), "ms"));
      figures.add(new Figure(name + ".p99", quantile(sorted, 0.99), "ms"));
    }

    private static double quantile(double[] sorted, double q) {
      return sorted[(int) Math.min(sorted.length - 1L, (long) Math.ceil(q * sorted.length) - 1)];
    }
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    List<Figure> figures = new ArrayList<>();
    try (RealServers servers = RealServers.start();
        StreamProcessing topology =
            StreamProcessing.start(
                StreamSettings.of(servers.kafka(), servers.folder("streams")).withThreads(threads),
                servers.registry());
        ClickHouseWriter writer =
            ClickHouseWriter.start(
                WriterSettings.of(servers.kafka()), servers.registry(), servers.clickHouse());
        Observing observing = new Observing(servers);
        Connection connection = servers.clickHouse().connect()) {
      if (!topology.awaitRunning(PATIENCE)) {
        throw new BenchmarkException(
            "the topology did not run within " + PATIENCE, topology.failure().orElse(null));
      }
      await(connection, observing, "first", () -> {}, new Waited());

      Waited alone = new Waited();
      for (int i = 0; i < probes; i++) {
        progress.accept("alone: " + (i + 1) + " of " + probes);
        LockSupport.parkNanos(QUIET.toNanos());
        await(connection, observing, "alone-" + i, () -> {}, alone);
      }
      alone.addTo(figures, "alone");

      Waited among = new Waited();
      Metronome others = new Metronome(() -> observing.observe("others"));
      for (int i = 0; i < probes; i++) {
        progress.accept("among 100 a second: " + (i + 1) + " of " + probes);
        others.beatFor(Duration.ofMillis(137 + 53L * (i % 7)));
        await(connection, observing, "among-" + i, others::beat, among);
      }
      among.addTo(figures, "among_100");
      if (!writer.isRunning()) {
        throw new BenchmarkException("the writer stopped: " + writer.progress(), null);
      }
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("the rows could not be followed: " + e.getMessage(), e);
    }
    return figures;
  }

  /** Sends details of runs, one after another. */
  private static final class Observing implements AutoCloseable {
    private final KafkaProducer<String, Observation> producer;
    private final Random random = new Random(1);
    private int runs;

    Observing(RealServers servers) {
      Serializer<Observation> values =
          AvroSerde.serializer(Topics.OBSERVATIONS, servers.registry());
      producer = new KafkaProducer<>(servers.kafka(), new StringSerializer(), values);
    }

    void observe(String workflow) {
      List<Observation> rowAndDetail = ObservedRuns.of(runs++, random, true);
      Observation detail = rowAndDetail.get(1);
      detail.setWorkflow(workflow);
      producer.send(
          new ProducerRecord<>(Topics.OBSERVATIONS.name(), ObservedRuns.key(detail), detail));
    }

    @Override
    public void close() {
      producer.close();
    }
  }

  /** Runs a task a hundred times a second, as far as it is given the time. */
  private static final class Metronome {
    private static final long EVERY_NANOS = 10_000_000;

    private final Runnable task;
    private long next = System.nanoTime();

    Metronome(Runnable task) {
      this.task = task;
    }

    void beat() {
      while (System.nanoTime() - next >= 0) {
        task.run();
        next += EVERY_NANOS;
      }
    }

    void beatFor(Duration time) {
      long until = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < until) {
        beat();
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
    }
  }

  private static void await(
      Connection connection,
      Observing observing,
      String workflow,
      Runnable meanwhile,
      Waited waited)
      throws SQLException {
    long startNanos = System.nanoTime();
    observing.observe(workflow);
    boolean isFact = false;
    boolean isRollup = false;
    while (!isFact || !isRollup) {
      if (!isFact && isThere(connection, FACT, workflow)) {
        isFact = true;
        waited.fact().add((System.nanoTime() - startNanos) / 1e6);
      }
      if (!isRollup && isThere(connection, ROLLUP, workflow)) {
        isRollup = true;
        waited.rollup().add((System.nanoTime() - startNanos) / 1e6);
      }
      if (System.nanoTime() - startNanos > PATIENCE.toNanos()) {
        throw new SQLException("rows did not come within " + PATIENCE);
      }
      meanwhile.run();
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  private static boolean isThere(Connection connection, String question, String workflow)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(question)) {
      query.setString(1, workflow);
      try (ResultSet found = query.executeQuery()) {
        found.next();
        return found.getLong(1) > 0;
      }
    }
  }
}
