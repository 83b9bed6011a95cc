package io.flowmeter.bench.writer;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealParts;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * How long a row takes from its topic until a query sees it, alone and among others.
 *
 * @param probes rows that are waited for, at each rate
 */
public record DeliveryBenchmark(int probes) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  /** Longer than the writer waits for rows to be many: to it, a minute is no other. */
  private static final Duration QUIET = Duration.ofMillis(1500);

  private static final int ROWS = 50_000;

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d rows at each rate, from the moment they are handed to Kafka's producer until a query for them,
        asked every %d ms, finds them, through the embedded Kafka, the writer and the embedded ClickHouse,
        all on this machine, by the writer's usual settings.
        alone: nothing else is written, and %d ms pass between rows, which to the writer is as a minute;
        among_100: 100 others a second. What the topology takes before is not in it.""",
        probes,
        LOOK_AGAIN.toMillis(),
        QUIET.toMillis());
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    List<Figure> figures = new ArrayList<>();
    try (RealParts parts = RealParts.start();
        ClickHouseWriter writer =
            ClickHouseWriter.start(
                WriterSettings.of(parts.kafka()), parts.registry(), parts.clickHouse());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                parts.kafka(), new ByteArraySerializer(), new ByteArraySerializer());
        Connection connection = parts.clickHouse().connect()) {
      Serializer<StepRun> serializer = AvroSerde.serializer(Topics.STEP_RUNS, parts.registry());
      Iterator<StepRun> rows =
          Stream.iterate(0, seed -> seed + 1)
              .flatMap(seed -> StepRuns.of(ROWS, seed).stream())
              .iterator();
      Runnable one = () -> send(producer, serializer, rows.next());
      one.run();
      awaitFirst(writer);

      List<Double> alone = new ArrayList<>();
      for (int i = 0; i < probes; i++) {
        progress.accept("alone: " + (i + 1) + " of " + probes);
        LockSupport.parkNanos(QUIET.toNanos());
        alone.add(probe(connection, producer, serializer, rows.next(), "alone" + i, () -> {}));
      }
      add(figures, "alone", alone);

      List<Double> among = new ArrayList<>();
      Metronome others = new Metronome(one);
      for (int i = 0; i < probes; i++) {
        progress.accept("among 100 a second: " + (i + 1) + " of " + probes);
        others.beatFor(Duration.ofMillis(137 + 53L * (i % 7)));
        among.add(probe(connection, producer, serializer, rows.next(), "among" + i, others::beat));
      }
      add(figures, "among_100", among);
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("the rows could not be followed: " + e.getMessage(), e);
    }
    return figures;
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

  private static void awaitFirst(ClickHouseWriter writer) throws SQLException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (writer.progress().totalRows() == 0) {
      if (System.nanoTime() > until || !writer.isRunning()) {
        throw new SQLException("the writer did not write: " + writer.progress());
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  /** Milliseconds until the row is seen. */
  private static double probe(
      Connection connection,
      KafkaProducer<byte[], byte[]> producer,
      Serializer<StepRun> serializer,
      StepRun row,
      String name,
      Runnable meanwhile)
      throws SQLException {
    row.setInstanceId(name);
    long begin = System.nanoTime();
    send(producer, serializer, row);
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT count() FROM step_runs WHERE account_id = ? AND workflow = ? AND run = ?"
                + " AND instance_id = ?")) {
      query.setString(1, row.getAccountId());
      query.setString(2, row.getWorkflow());
      query.setLong(3, row.getRun());
      query.setString(4, name);
      while (System.nanoTime() - begin < PATIENCE.toNanos()) {
        try (ResultSet found = query.executeQuery()) {
          found.next();
          if (found.getLong(1) > 0) {
            return (System.nanoTime() - begin) / 1e6;
          }
        }
        meanwhile.run();
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
    }
    throw new SQLException("a row did not come within " + PATIENCE);
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, Serializer<StepRun> serializer, StepRun row) {
    String topic = Topics.STEP_RUNS.name();
    producer.send(
        new ProducerRecord<>(
            topic,
            row.getInstanceId().getBytes(StandardCharsets.UTF_8),
            serializer.serialize(topic, row)));
  }

  private static void add(List<Figure> figures, String name, List<Double> millis) {
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    figures.add(new Figure("delivery." + name + ".p50", quantile(sorted, 0.5), "ms"));
    figures.add(new Figure("delivery." + name + ".p99", quantile(sorted, 0.99), "ms"));
  }

  private static double quantile(double[] sorted, double q) {
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(Math.ceil(q * sorted.length)) - 1)];
  }
}
