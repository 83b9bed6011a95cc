package io.flowmeter.bench.writer;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealServers;
import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes the same step runs into ClickHouse by turns: by JDBC, by the driver's RowBinary, by the
 * writer's own encoding, and by the whole writer out of Kafka.
 *
 * @param rows that each way writes in a round
 * @param rounds that count, after one that warms up
 */
public record WriterBenchmark(int rows, int rounds) {
  private static final int BATCH = 50_000;
  private static final String WHOLE = "writer";
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private record Turn(double seconds, double clientMicros, double serverMicros) {}

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d step runs (50 workflows of 20 steps, UUIDs, 5 %% retried, 2 %% failed), told as Avro in batches of
        %d, into step_runs_rows of the embedded ClickHouse, which is emptied before each turn; all ways by
        turns, %d rounds after one to warm up, the median of each. Over loopback, with LZ4 but where it says
        otherwise.
        jdbc: a prepared batch; jdbc_row_binary: the same with the driver's beta option; client_row_binary:
        the driver's own writer of rows; flowmeter: the writer's encoding, from Avro's bytes; direct: blocks
        that are encoded beforehand, so that what is left is the driver's and ClickHouse's work; writer: the
        whole writer, out of a Kafka that runs in the same process, from its start to its last commit.
        rate: rows a second by the clock. client, server: processor time a row, of this process and of
        ClickHouse's; what else runs on the machine hardly counts in them.""",
        rows,
        BATCH,
        rounds);
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    try (RealServers servers = RealServers.start()) {
      List<ConsumerRecord<byte[], byte[]>> records = records(servers.registry());
      return figures(
          turns(servers.clickHouse(), servers.registry(), servers.kafka(), records, progress));
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("the rows could not be written: " + e.getMessage(), e);
    }
  }

  private Map<String, List<Turn>> turns(
      ClickHouseEndpoint endpoint,
      SchemaRegistry registry,
      Map<String, Object> kafka,
      List<ConsumerRecord<byte[], byte[]>> records,
      Consumer<String> progress)
      throws SQLException, InterruptedException {
    List<List<ConsumerRecord<byte[], byte[]>>> batches = new ArrayList<>();
    for (int from = 0; from < records.size(); from += BATCH) {
      batches.add(records.subList(from, Math.min(from + BATCH, records.size())));
    }
    Map<String, List<Turn>> turns = new LinkedHashMap<>();
    List<InsertStrategy> ways =
        List.of(
            JdbcBatch.usual(endpoint, registry),
            JdbcBatch.rowBinary(endpoint, registry),
            new ClientRows(endpoint, registry),
            Transcoded.plain(endpoint, registry),
            Transcoded.usual(endpoint, registry),
            Transcoded.direct(endpoint, registry));
    try {
      for (int round = -1; round < rounds; round++) {
        for (InsertStrategy strategy : ways) {
          progress.accept(strategy.name() + ": round " + (round + 2) + " of " + (rounds + 1));
          Turn turn =
              turn(
                  endpoint,
                  () -> {
                    for (List<ConsumerRecord<byte[], byte[]>> batch : batches) {
                      strategy.write(batch);
                    }
                  });
          note(turns, strategy.name(), round, turn);
        }
        progress.accept(WHOLE + ": round " + (round + 2) + " of " + (rounds + 1));
        note(turns, WHOLE, round, whole(endpoint, registry, kafka, records));
      }
    } finally {
      ways.forEach(InsertStrategy::close);
    }
    return turns;
  }

  private static void note(Map<String, List<Turn>> turns, String name, int round, Turn turn) {
    if (round >= 0) {
      turns.computeIfAbsent(name, key -> new ArrayList<>()).add(turn);
    }
  }

  private interface Work {
    void run() throws SQLException, InterruptedException;
  }

  private Turn turn(ClickHouseEndpoint endpoint, Work work)
      throws SQLException, InterruptedException {
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("TRUNCATE TABLE step_runs_rows");
      // What the turn before left behind is not this one's.
      System.gc();
      long client = nanos(ProcessHandle.current());
      long server = childrenNanos();
      long startNanos = System.nanoTime();
      work.run();
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      Turn turn =
          new Turn(
              seconds,
              (nanos(ProcessHandle.current()) - client) / 1e3 / rows,
              (childrenNanos() - server) / 1e3 / rows);
      try (ResultSet count = statement.executeQuery("SELECT count() FROM step_runs")) {
        count.next();
        if (count.getLong(1) != rows) {
          throw new SQLException("expected " + rows + " rows, came " + count.getLong(1));
        }
      }
      return turn;
    }
  }

  /** Records wait in Kafka already; the clock runs from the writer's start to its last commit. */
  private Turn whole(
      ClickHouseEndpoint endpoint,
      SchemaRegistry registry,
      Map<String, Object> kafka,
      List<ConsumerRecord<byte[], byte[]>> records)
      throws SQLException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
      records.forEach(
          record ->
              producer.send(new ProducerRecord<>(record.topic(), record.key(), record.value())));
    }
    return turn(
        endpoint,
        () -> {
          try (ClickHouseWriter writer =
              ClickHouseWriter.start(
                  WriterSettings.of(kafka).withClock(Clock.system()), registry, endpoint)) {
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (writer.progress().totalRows() < rows) {
              if (System.nanoTime() > until || !writer.isRunning()) {
                throw new SQLException("the writer did not write: " + writer.progress());
              }
              LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            }
          }
        });
  }

  private List<ConsumerRecord<byte[], byte[]>> records(SchemaRegistry registry) {
    String topic = Topics.STEP_RUNS.name();
    Serializer<StepRun> serializer = AvroSerde.serializer(Topics.STEP_RUNS, registry);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>(rows);
    for (StepRun run : StepRuns.of(rows, 1)) {
      byte[] key = run.getInstanceId().getBytes(StandardCharsets.UTF_8);
      records.add(
          new ConsumerRecord<>(topic, 0, records.size(), key, serializer.serialize(topic, run)));
    }
    return records;
  }

  private List<Figure> figures(Map<String, List<Turn>> turns) {
    List<Figure> figures = new ArrayList<>();
    Map<String, Double> rates = new LinkedHashMap<>();
    turns.forEach(
        (name, of) -> {
          double rate = rows / median(of.stream().mapToDouble(Turn::seconds).toArray());
          rates.put(name, rate);
          figures.add(new Figure("writer." + name + ".rate", Math.rint(rate), "rows/s"));
          figures.add(
              new Figure(
                  "writer." + name + ".client",
                  median(of.stream().mapToDouble(Turn::clientMicros).toArray()),
                  "us"));
          figures.add(
              new Figure(
                  "writer." + name + ".server",
                  median(of.stream().mapToDouble(Turn::serverMicros).toArray()),
                  "us"));
        });
    figures.add(
        new Figure("writer.over_jdbc", rates.get("flowmeter") / rates.get("jdbc"), "ratio"));
    figures.add(
        new Figure(
            "writer.encoding_over_direct", rates.get("flowmeter") / rates.get("direct"), "ratio"));
    figures.add(
        new Figure("writer.whole_over_direct", rates.get(WHOLE) / rates.get("direct"), "ratio"));
    return figures;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static long nanos(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  private static long childrenNanos() {
    return ProcessHandle.current().descendants().mapToLong(WriterBenchmark::nanos).sum();
  }
}
