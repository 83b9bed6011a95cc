package io.flowmeter.bench.parse;

import com.sun.management.OperatingSystemMXBean;
import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.bench.Figure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads a long detail as Flowmeter's client does and as a Jackson tree, by turns, and finds the
 * least heap for each.
 *
 * @param steps of the detail
 * @param outputKib KiB of each step's output, about
 * @param rounds that count, after a third as many that warm up
 */
public record ParseBenchmark(int steps, int outputKib, int rounds) {
  /** As production's largest: 25,000 steps. */
  public static final ParseBenchmark USUAL = new ParseBenchmark(25_000, 4, 9);

  /** Of the usual, 1 GB. */
  private static final int LONGER = 10;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Some systems count a process's time in steps of 10 ms: what took less looks like nothing. */
  private static final long MEASURABLE_NANOS = 200_000_000;

  /** How it is measured, to be read before the figures. */
  public String method() {
    return String.format(
        Locale.ROOT,
        """
        A detail of %d steps with about %d KiB of output each, read by Flowmeter's client (streaming;
        outputs are measured and skipped, errors scrubbed) and by Jackson's tree (readTree, then the same
        fields).
        Speed: both by turns in one process, %d rounds after %d to warm up; the median of the processor
        time of the whole process, garbage collection included, so that what else runs on the machine
        hardly counts.
        Heap: the smallest -Xmx with which a process of its own reads it, found by halving to an eighth;
        the body is made as it is read and takes no room. Flowmeter's client then reads outputs %d times as
        long, from the heap that was found up: it should not grow with them.""",
        steps,
        outputKib,
        rounds,
        warmUp(),
        LONGER);
  }

  private int warmUp() {
    return Math.max(1, rounds / 3);
  }

  /**
   * Runs.
   *
   * @param progress is told how far it is
   */
  public List<Figure> run(Consumer<String> progress) throws InterruptedException {
    LongDetail detail = new LongDetail(steps, outputKib);
    List<Figure> figures = new ArrayList<>();
    try {
      speed(detail, progress, figures);
    } catch (IOException e) {
      throw new BenchmarkException("a detail in memory could not be read: " + e.getMessage(), e);
    }
    heap(detail, progress, figures);
    return figures;
  }

  private void speed(LongDetail detail, Consumer<String> progress, List<Figure> figures)
      throws IOException, InterruptedException {
    byte[] body = detail.bytes();
    Map<DetailReader.Way, double[]> millis = new EnumMap<>(DetailReader.Way.class);
    for (DetailReader.Way way : DetailReader.Way.values()) {
      millis.put(way, new double[rounds]);
    }
    try (DetailReader flowmeter = DetailReader.Way.FLOWMETER.reader();
        DetailReader tree = DetailReader.Way.TREE.reader()) {
      for (int round = -warmUp(); round < rounds; round++) {
        progress.accept("speed: round " + (round + warmUp() + 1) + " of " + (rounds + warmUp()));
        double ours = millis(flowmeter, body);
        double theirs = millis(tree, body);
        if (round >= 0) {
          millis.get(DetailReader.Way.FLOWMETER)[round] = ours;
          millis.get(DetailReader.Way.TREE)[round] = theirs;
        }
      }
    }
    double ours = median(millis.get(DetailReader.Way.FLOWMETER));
    double theirs = median(millis.get(DetailReader.Way.TREE));
    figures.add(new Figure("parse.body_size", body.length / 1e6, "MB"));
    figures.add(new Figure("parse.flowmeter.time", ours, "ms"));
    figures.add(new Figure("parse.tree.time", theirs, "ms"));
    figures.add(new Figure("parse.flowmeter.speed", body.length / 1e3 / ours, "MB/s"));
    figures.add(new Figure("parse.tree.speed", body.length / 1e3 / theirs, "MB/s"));
    figures.add(new Figure("parse.speed_up", theirs / ours, "ratio"));
  }

  /** Processor time of one pass, in milliseconds: of as many passes as it takes to measure it. */
  private static double millis(DetailReader reader, byte[] body)
      throws IOException, InterruptedException {
    // What the round before left behind is not this one's.
    System.gc();
    long before = processorNanos();
    long passed;
    int passes = 0;
    do {
      if (reader.read(new ByteArrayInputStream(body)).size() == 0) {
        throw new IllegalStateException("expected steps, came none");
      }
      passes++;
      passed = processorNanos() - before;
    } while (passed < MEASURABLE_NANOS);
    return passed / 1e6 / passes;
  }

  private static long processorNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void heap(LongDetail detail, Consumer<String> progress, List<Figure> figures)
      throws InterruptedException {
    progress.accept("heap: Flowmeter's client");
    int ours = new LeastHeap(DetailReader.Way.FLOWMETER, detail, PATIENCE).mib();
    progress.accept("heap: Flowmeter's client, longer outputs");
    LongDetail longer = new LongDetail(detail.steps(), LONGER * detail.outputKib());
    int oursOfLonger = new LeastHeap(DetailReader.Way.FLOWMETER, longer, PATIENCE).mibFrom(ours);
    progress.accept("heap: Jackson's tree");
    int theirs = new LeastHeap(DetailReader.Way.TREE, detail, PATIENCE).mib();
    figures.add(new Figure("parse.flowmeter.least_heap", ours, "MiB"));
    figures.add(new Figure("parse.flowmeter.least_heap_longer", oursOfLonger, "MiB"));
    figures.add(new Figure("parse.tree.least_heap", theirs, "MiB"));
    figures.add(new Figure("parse.heap_saved", (double) theirs / ours, "ratio"));
  }
}
