package io.flowmeter.bench.topology;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import io.flowmeter.bench.RealParts;
import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.StreamSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How long a process without a disk of its own takes to get the state of live instances back.
 *
 * @param instances that live, each with a few steps told
 * @param rounds the median of which counts
 */
public record RestoreBenchmark(int instances, int rounds) {
  private static final Duration PATIENCE = Duration.ofHours(2);

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        %d live instances, each seen in a list and in a detail of 5 steps and a sleep, go through the topology as
        shipped (4 partitions, one stream thread) in a Kafka in this process. Then it is stopped and its state on disk
        deleted, %d times, by turns:
        restore: from its start until it runs, the joining of its group included; raw: a consumer that reads the
        changelogs of its stores from beginning to end and does nothing else. The median of each.""",
        instances,
        rounds);
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    try (RealParts parts = RealParts.kafkaAlone()) {
      Path state = parts.folder("streams");
      StreamSettings settings = StreamSettings.of(parts.kafka(), state);
      progress.accept("observing " + instances + " instances");
      ObservedRuns.send(parts.kafka(), parts.registry(), instances, false);
      Map<String, Long> onDisk = fill(settings, parts);

      List<String> changelogs =
          Offsets.topics(parts.kafka()).stream()
              .filter(name -> name.endsWith("-changelog"))
              .toList();
      double[] restore = new double[rounds];
      double[] raw = new double[rounds];
      long[] read = new long[2];
      for (int round = 0; round < rounds; round++) {
        progress.accept("restoring: round " + (round + 1) + " of " + rounds);
        RealParts.delete(state);
        System.gc();
        long begin = System.nanoTime();
        try (StreamProcessing streams = StreamProcessing.start(settings, parts.registry())) {
          if (!streams.awaitRunning(PATIENCE)) {
            throw new BenchmarkException(
                "the topology did not run within " + PATIENCE, streams.failure().orElse(null));
          }
          restore[round] = (System.nanoTime() - begin) / 1e9;
        }
        Arrays.fill(read, 0);
        begin = System.nanoTime();
        Offsets.read(
            parts.kafka(),
            changelogs,
            record -> {
              read[0]++;
              read[1] +=
                  (record.key() == null ? 0 : record.key().length)
                      + (record.value() == null ? 0 : record.value().length);
            });
        raw[round] = (System.nanoTime() - begin) / 1e9;
      }
      return figures(restore, raw, read, onDisk);
    } catch (IOException | SQLException e) {
      throw new BenchmarkException("a broker could not be started: " + e.getMessage(), e);
    }
  }

  private static Map<String, Long> fill(StreamSettings settings, RealParts parts)
      throws InterruptedException {
    try (StreamProcessing streams = StreamProcessing.start(settings, parts.registry())) {
      streams.awaitRunning(PATIENCE);
      Offsets.awaitCommitted(
          parts.kafka(),
          StreamSettings.applicationId(0),
          Topics.OBSERVATIONS.name(),
          PATIENCE,
          streams::failure);
      return streams.storeBytes();
    }
  }

  private List<Figure> figures(
      double[] restore, double[] raw, long[] read, Map<String, Long> storeBytes) {
    List<Figure> figures = new ArrayList<>();
    storeBytes.forEach(
        (store, bytes) ->
            figures.add(
                new Figure("restore.store." + store, bytes / (double) instances, "B/instance")));
    figures.add(
        new Figure("restore.changelogs.records", read[0] / (double) instances, "n/instance"));
    figures.add(new Figure("restore.changelogs.bytes", read[1] / (double) instances, "B/instance"));
    figures.add(new Figure("restore.seconds", median(restore), "s"));
    figures.add(new Figure("restore.raw", median(raw), "s"));
    figures.add(new Figure("restore.over_raw", median(raw) / median(restore), "ratio"));
    return figures;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
