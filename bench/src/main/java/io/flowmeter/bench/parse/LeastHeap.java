package io.flowmeter.bench.parse;

import io.flowmeter.bench.BenchmarkException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The smallest heap in which a way reads a detail: what {@code -Xmx} a JVM of its own survives,
 * found by halving. All counts: the JVM's own start, the client, the steps that were read.
 */
record LeastHeap(DetailReader.Way way, LongDetail detail, Duration patience) {

  /**
   * @return MiB, exact to an eighth
   */
  int mib() throws InterruptedException {
    int fits = enough();
    int small = 4;
    while (fits - small > Math.max(1, fits / 8)) {
      // By their ratio, for nothing is known of the size yet.
      int middle = (int) Math.round(Math.sqrt((double) small * fits));
      if (reads(middle)) {
        fits = middle;
      } else {
        small = middle;
      }
    }
    return fits;
  }

  /**
   * The same for a heap that should do, and is small enough if it does: found by one reading then.
   *
   * @return MiB, the expected ones or more by eighths
   */
  int mibFrom(int expected) throws InterruptedException {
    int mib = expected;
    while (mib < enough() && !reads(mib)) {
      mib += Math.max(1, mib / 8);
    }
    return mib;
  }

  /** A tree takes some times the body. */
  private int enough() {
    return 64 + 16 * (int) ((long) detail.steps() * detail.outputKib() / 1024);
  }

  private boolean reads(int mib) throws InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder command =
        new ProcessBuilder(
                java.toString(),
                "-Xmx" + mib + "m",
                "-Xms" + mib + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                ReadOnce.class.getName(),
                way.name(),
                Integer.toString(detail.steps()),
                Integer.toString(detail.outputKib()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = command.start();
      try {
        // Where little is left, a JVM can collect for ever: that is too small, too.
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)
            && process.exitValue() == 0;
      } finally {
        process.destroyForcibly().onExit().join();
      }
    } catch (IOException e) {
      throw new BenchmarkException("expected to start " + java + ", but: " + e.getMessage(), e);
    }
  }
}
