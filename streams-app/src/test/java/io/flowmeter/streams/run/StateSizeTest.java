package io.flowmeter.streams.run;

import static io.flowmeter.streams.InstanceHistory.attempt;
import static io.flowmeter.streams.InstanceHistory.failed;
import static io.flowmeter.streams.InstanceHistory.of;
import static io.flowmeter.streams.InstanceHistory.running;
import static io.flowmeter.streams.InstanceHistory.step;
import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.streams.InstanceHistory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/**
 * How many bytes a run takes in stores. The runs: UUIDs as ids, 20 steps of log-normal durations,
 * one in ten a sleep, 5 % tried again, each of these failing in its own words, seen by a poll every
 * few seconds that tells what changed. {@code -Dstate.runs=10000} and {@code -Dstate.steps} for the
 * figures of {@code docs/performance.md}.
 */
class StateSizeTest {
  private static final int STEPS = Integer.getInteger("state.steps", 20);
  private static final int RUNS = Integer.getInteger("state.runs", 500);

  private final InstanceProcessorDriver driver = new InstanceProcessorDriver();
  private final Random random = new Random(7);
  private long attempts;

  @TempDir Path directory;

  @Test
  void aLiveRunTakes200BytesAnd16MoreForEachStepTold() throws Exception {
    for (int i = 0; i < RUNS; i++) {
      driver.observe(live(history(i), false));
      driver.told();
    }
    assertThat(driver.entries("live")).hasSize(RUNS);

    double bytes = print("live");

    assertThat(bytes).isLessThanOrEqualTo(200 + 16 * STEPS);
  }

  @Test
  void anEndedRunTakes48BytesAnd32MoreForEachStepAnd4ForEachAttempt() throws Exception {
    for (int i = 0; i < RUNS; i++) {
      driver.observe(live(history(i), true));
      driver.told();
    }
    assertThat(driver.entries("live")).isEmpty();
    assertThat(driver.entries("ended")).hasSize(RUNS);

    double bytes = print("ended");

    assertThat(bytes).isLessThanOrEqualTo(48 + 32 * STEPS + 4.0 * attempts / RUNS);
  }

  private InstanceHistory history(int i) {
    UUID id = new UUID(random.nextLong(), random.nextLong());
    return InstanceHistory.of("workflow-" + i % 5, id.toString(), random.nextInt(3_600_000));
  }

  /** All observations of a run. */
  private List<Observation> live(InstanceHistory run, boolean ends) {
    long startNanos = run.run() - InstanceHistory.EPOCH.toEpochMilli();
    List<Step.Builder> finished = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    long time = startNanos + 300;
    for (int i = 0; i < STEPS; i++) {
      starts.add(time);
      Step.Builder step = finishedStep(i, time);
      finished.add(step.setStepIndex(i));
      time = step.getEnd().toEpochMilli() - InstanceHistory.EPOCH.toEpochMilli();
    }
    List<Observation> seen = new ArrayList<>();
    seen.add(
        run.row(
            startNanos + 150,
            InstanceRow.newBuilder()
                .setStatus("running")
                .setVersionId("0f5b0a2e-9a3c-4be4-9d0c-3f9a3a3f1d11")
                .setTriggerSource("binding")));
    int published = 0;
    long poll = startNanos;
    while (published < STEPS) {
      poll += 3_000;
      InstanceHistory.Detail detail = detail(run, poll, "running", startNanos);
      int first = published;
      while (published < STEPS && endOf(finished.get(published)) <= poll) {
        detail.stepAt(published, finished.get(published));
        published++;
      }
      boolean unfinished = published < STEPS && starts.get(published) <= poll;
      if (unfinished) {
        detail.stepAt(
            published,
            running(
                "step " + published + "-1", starts.get(published), InstanceHistory.unfinished(0)));
        detail.current(published, "step", "step " + published + "-1", starts.get(published), 1);
      }
      if (published > first || unfinished) {
        seen.add(detail.stepCount(published + (unfinished ? 1 : 0)).told());
      }
    }
    if (ends) {
      InstanceHistory.Detail detail =
          detail(run, poll + 1_500, "complete", startNanos).ended(time + 2);
      finished.forEach(detail::step);
      seen.add(run.row(poll + 1_000, "complete"));
      seen.add(detail.told());
      attempts +=
          finished.stream()
              .filter(Step.Builder::hasAttempts)
              .mapToInt(step -> step.getAttempts().size())
              .sum();
    }
    return seen;
  }

  private static InstanceHistory.Detail detail(
      InstanceHistory run, long seen, String status, long startNanos) {
    return run.detail(seen, status)
        .started(startNanos + 40)
        .version("0f5b0a2e-9a3c-4be4-9d0c-3f9a3a3f1d11")
        .trigger("binding");
  }

  private Step.Builder finishedStep(int i, long start) {
    String name = "step " + i + "-1";
    long duration = Math.round(Math.exp(6.5 + random.nextGaussian()));
    if (i % 10 == 9) {
      return of("sleep", name, start, start + 10 * duration, true);
    }
    if (random.nextInt(20) > 0) {
      return succeeded(name, start, start + duration);
    }
    String message = "order " + UUID.randomUUID() + " was refused by the bank";
    return step(
        name,
        start,
        start + 3 * duration + 1_000,
        true,
        failed(start, start + duration, "BankError", message),
        attempt(start + duration + 1_000, start + 3 * duration + 1_000, true));
  }

  private static long endOf(Step.Builder step) {
    return step.getEnd().toEpochMilli() - InstanceHistory.EPOCH.toEpochMilli();
  }

  /** Prints bytes a run, and returns them, with the run's share of the dictionary. */
  private double print(String store) throws Exception {
    double own = (double) (driver.bytes(store) + driver.bytes("instances")) / RUNS;
    double dictionary = (double) driver.bytes("dictionary") / RUNS;
    System.out.printf(
        Locale.ROOT,
        "%s: %.0f bytes a run of %d steps and %.1f attempts, %.1f of the dictionary (%d bytes), %.0f"
            + " in RocksDB's files%n",
        store,
        own,
        STEPS,
        (double) attempts / RUNS,
        dictionary,
        driver.bytes("dictionary"),
        (double) filesOf(store) / RUNS);
    return own + dictionary;
  }

  /** Bytes of RocksDB's files with the store's entries, written as Kafka Streams writes them. */
  private long filesOf(String store) throws Exception {
    try (Options options =
            new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.NO_COMPRESSION);
        RocksDB files = RocksDB.open(options, directory.toString())) {
      for (String of : List.of(store, "instances")) {
        for (InstanceProcessorDriver.Entry entry : driver.entries(of)) {
          files.put(entry.key(), entry.value());
        }
      }
      files.compactRange();
    }
    try (Stream<Path> written = Files.list(directory)) {
      long bytes = 0;
      for (Path file : written.filter(path -> path.toString().endsWith(".sst")).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }
}
