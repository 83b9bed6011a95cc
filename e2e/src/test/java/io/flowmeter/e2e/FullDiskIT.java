package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * The disk is full while stores are written. No small file system can be mounted here: a limit to
 * the size of every file of a process takes its place, and is lifted while it runs. It takes
 * minutes, which the build has not got: {@code mvn verify -Pnightly} runs it.
 */
@Tag("nightly")
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FullDiskIT {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "full-disk");
  private static final int INSTANCES = 20_000;

  /** In KiB. With it RocksDB cannot make a store. */
  private static final int TINY = 4;

  /** In KiB. RocksDB's own small files stay below it, a task's runs do not. */
  private static final int SMALL = 64;

  @Test
  void storesThatFindNoRoomSayWhatToDoAndGoOnWhenThereIsSome() throws Exception {
    FreshDirectory.at(DIRECTORY);
    try (LedgerDay day = LedgerDay.begin(DIRECTORY, INSTANCES, Duration.ofHours(12));
        Service ingest = day.place().start("ingest", "ingest")) {
      OperatorBackends place = day.place();
      try (Service before = place.start("stream-1", "stream")) {
        await("enough runs to fill files")
            .atMost(PATIENCE)
            .until(
                () ->
                    place
                            .reader()
                            .query("SELECT count() AS runs FROM instances")
                            .get(0)
                            .number("runs")
                        >= 2_000);
        assertThat(before.stop().code()).as(before.said()).isZero();
      }
      // On a new machine all stores are made anew, and read from Kafka.
      try (Service full = place.startWith("stream-2", unpacked(), limited(TINY), "stream")) {
        String told = full.awaitEvent("topology_failed").path("message").asText();
        System.out.println("full disk: " + told);
        assertThat(told).contains(" is full: ", "File too large", "Free space");
        HttpResponse<String> ready = full.ask("/ready");
        System.out.println("full disk: /ready " + ready.body());
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains(" is full: ");
        assertThat(full.ask("/live").statusCode()).isEqualTo(200);

        long roomSince = System.nanoTime();
        limit(full, SMALL);
        full.awaitReady();
        System.out.printf(
            "full disk: ready %,d ms after there was room%n",
            Duration.ofNanos(System.nanoTime() - roomSince).toMillis());

        // What is in memory only is written at the stop, and finds no room.
        Service.End end = full.stop();
        assertThat(end.code()).as(full.said()).isZero();
        System.out.printf("full disk: stopped within %,d ms%n", end.took().toMillis());
      }
      try (Service again = place.start("stream-2", "stream")) {
        again.awaitReady();
        assertThat(again.events("running").get(0).path("restored_records").asLong())
            .as("read anew of Kafka, for nothing was left on disk")
            .isPositive();
        assertThat(day.end(ingest).differences()).isEmpty();
      }
    }
  }

  private static void limit(Service service, int kibibytes) throws Exception {
    int code =
        new ProcessBuilder(
                "prlimit", "--pid", String.valueOf(service.pid()), "--fsize=" + kibibytes * 1_024)
            .inheritIO()
            .start()
            .waitFor();
    assertThat(code).isZero();
  }

  /** Libraries that are unpacked at each start would meet the limit before all else. */
  private static List<String> unpacked() throws IOException {
    Path libraries = Files.createDirectories(DIRECTORY.resolve("libraries"));
    unpack("/librocksdbjni-linux64.so", libraries.resolve("librocksdbjni.so"));
    unpack("/net/jpountz/util/linux/amd64/liblz4-java.so", libraries.resolve("liblz4-java.so"));
    Path zstd = libraries.resolve("libzstd-jni.so");
    unpack(
        "/linux/amd64/libzstd-jni-" + com.github.luben.zstd.util.ZstdVersion.VERSION + ".so", zstd);
    return new ArrayList<>(
        List.of("-Xmx320m", "-Djava.library.path=" + libraries, "-DZstdNativePath=" + zstd));
  }

  private static void unpack(String resource, Path file) throws IOException {
    try (InputStream library = FullDiskIT.class.getResourceAsStream(resource)) {
      Files.copy(library, file);
    }
  }

  /** Its log goes through a process that has no limit. */
  private static List<String> limited(int kibibytes) {
    return List.of(
        "bash", "-c", "exec > >(cat) 2>&1; ulimit -S -f " + kibibytes + "; exec \"$@\"", "bash");
  }
}
