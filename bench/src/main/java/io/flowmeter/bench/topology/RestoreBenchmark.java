package io.flowmeter.bench.topology;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealServers;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * How long a process without a disk of its own takes to get the state of live instances back.
 *
 * @param instances that live, each with a few steps told
 * @param rounds the median of which counts
 * @param threads of the topology; each restores its own partitions
 */
public record RestoreBenchmark(int instances, int rounds, int threads) {
  private static final Duration PATIENCE = Duration.ofHours(2);

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d live instances, each seen in a list and in a detail of 5 steps and a sleep, go through the topology as
        shipped (4 partitions) with %d stream threads in a Kafka in this process. Then it is stopped and its state on disk
        deleted, %d times, by turns:
        restore: from its start until it runs, the joining of its group included; raw: a consumer that reads the
        changelogs of its stores from beginning to end and does nothing else, from its start. The median of each.
        reading: of both, from when the first store is begun with, or the first record comes, to the last record; cpu:
        processor time of this process, the broker's included, from the start.""",
        instances,
        threads,
        rounds);
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    try (RealServers servers = RealServers.kafkaAlone()) {
      Path state = servers.folder("streams");
      StreamSettings settings = StreamSettings.of(servers.kafka(), state).withThreads(threads);
      progress.accept("observing " + instances + " instances");
      ObservedRuns.send(servers.kafka(), servers.registry(), instances, false);
      Map<String, Long> onDisk = fill(settings, servers);

      List<String> changelogs =
          Offsets.topics(servers.kafka()).stream()
              .filter(name -> name.endsWith("-changelog"))
              .toList();
      List<Taken> restore = new ArrayList<>();
      List<Taken> raw = new ArrayList<>();
      Read read = new Read();
      for (int round = 0; round < rounds; round++) {
        progress.accept("restoring: round " + (round + 1) + " of " + rounds);
        RealServers.delete(state);
        System.gc();
        restore.add(restored(settings, servers));
        read = new Read();
        raw.add(read.all(servers, changelogs));
      }
      return figures(restore, raw, read, onDisk);
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("a broker could not be started: " + e.getMessage(), e);
    }
  }

  /**
   * What one of the two took in a round.
   *
   * @param seconds from its start
   * @param reading seconds of these in which it read
   * @param cpu seconds of processor time
   */
  private record Taken(double seconds, double reading, double cpu) {}

  private static final class Stopwatch {
    private final ProcessorTime cpu = ProcessorTime.now();
    private final long startNanos = System.nanoTime();

    Taken stop(Duration reading) {
      return new Taken(
          (System.nanoTime() - startNanos) / 1e9,
          reading.toNanos() / 1e9,
          ProcessorTime.now().since(cpu) / 1e9);
    }
  }

  private static Taken restored(StreamSettings settings, RealServers servers)
      throws InterruptedException {
    Stopwatch watch = new Stopwatch();
    try (StreamProcessing streams = StreamProcessing.start(settings, servers.registry())) {
      if (!streams.awaitRunning(PATIENCE)) {
        throw new BenchmarkException(
            "the topology did not run within " + PATIENCE, streams.failure().orElse(null));
      }
      return watch.stop(streams.result().reading());
    }
  }

  /** What a consumer reads that does nothing else. */
  private static final class Read {
    private long records;
    private long bytes;
    private long firstNanos;

    Taken all(RealServers servers, List<String> topics) {
      Stopwatch watch = new Stopwatch();
      Offsets.read(
          servers.kafka(),
          topics,
          record -> {
            if (records++ == 0) {
              firstNanos = System.nanoTime();
            }
            bytes +=
                (record.key() == null ? 0 : record.key().length)
                    + (record.value() == null ? 0 : record.value().length);
          });
      return watch.stop(Duration.ofNanos(System.nanoTime() - firstNanos));
    }
  }

  private static Map<String, Long> fill(StreamSettings settings, RealServers servers)
      throws InterruptedException {
    try (StreamProcessing streams = StreamProcessing.start(settings, servers.registry())) {
      streams.awaitRunning(PATIENCE);
      Offsets.awaitCommitted(
          servers.kafka(),
          StreamSettings.applicationId(0),
          Topics.OBSERVATIONS.name(),
          PATIENCE,
          streams::failure);
      return streams.storeBytes();
    }
  }

  private List<Figure> figures(
      List<Taken> restore, List<Taken> raw, Read read, Map<String, Long> storeBytes) {
    List<Figure> figures = new ArrayList<>();
    storeBytes.forEach(
        (store, bytes) ->
            figures.add(
                new Figure("restore.store." + store, bytes / (double) instances, "B/instance")));
    figures.add(
        new Figure("restore.changelogs.records", read.records / (double) instances, "n/instance"));
    figures.add(
        new Figure("restore.changelogs.bytes", read.bytes / (double) instances, "B/instance"));
    add(figures, "restore", restore);
    add(figures, "restore.raw", raw);
    figures.add(
        new Figure(
            "restore.over_raw",
            median(raw, Taken::seconds) / median(restore, Taken::seconds),
            "ratio"));
    figures.add(
        new Figure(
            "restore.over_raw.reading",
            median(raw, Taken::reading) / median(restore, Taken::reading),
            "ratio"));
    return figures;
  }

  private static void add(List<Figure> figures, String name, List<Taken> of) {
    figures.add(new Figure(name + ".seconds", median(of, Taken::seconds), "s"));
    figures.add(new Figure(name + ".reading", median(of, Taken::reading), "s"));
    figures.add(new Figure(name + ".cpu", median(of, Taken::cpu), "s"));
  }

  private static double median(List<Taken> of, ToDoubleFunction<Taken> what) {
    double[] sorted = of.stream().mapToDouble(what).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
