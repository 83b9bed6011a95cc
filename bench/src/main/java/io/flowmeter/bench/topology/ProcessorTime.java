package io.flowmeter.bench.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processor time that this process has used so far, by what its threads are there for: those of
 * the JVM itself and of native code, which Java does not tell of, among them.
 *
 * @param nanos of each kind of thread; threads that have ended count as {@link Part#OTHER}
 */
record ProcessorTime(Map<Part, Long> nanos) {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** What a thread is there for, told from its name, of which Linux keeps 15 letters. */
  enum Part {
    /** Kafka Streams' own threads: all that a topology does but for sending. */
    STREAM("flowmeter-strea"),
    /** Its producers' threads, which send what was batched. */
    PRODUCER("kafka-producer-"),
    /** The broker in this process: its network, its requests, its logs. */
    BROKER("data-plane-kafk", "kafka-log-clean", "broker-", "raft-", "kafka-scheduler", "group-c"),
    /** The JVM's compilers. */
    COMPILER("C1 CompilerThre", "C2 CompilerThre"),
    /** The JVM's own thread, which collects garbage where it does so serially. */
    GARBAGE("VM Thread", "GC Thread"),
    /** RocksDB's threads. */
    STORES("rocksdb:"),
    OTHER;

    private final String[] names;

    Part(String... names) {
      this.names = names;
    }

    private static Part of(String thread) {
      return Stream.of(values())
          .filter(part -> Stream.of(part.names).anyMatch(thread::startsWith))
          .findFirst()
          .orElse(OTHER);
    }
  }

  /** Of now; all is {@link Part#OTHER} where there is no Linux to ask. */
  static ProcessorTime now() {
    Map<Part, Long> nanos = new EnumMap<>(Part.class);
    if (Files.isDirectory(THREADS)) {
      try (Stream<Path> threads = Files.list(THREADS)) {
        threads.forEach(thread -> add(thread, nanos));
      } catch (IOException e) {
        throw new UncheckedIOException("the threads of this process could not be listed", e);
      }
    }
    long all = ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    long published = nanos.values().stream().mapToLong(Long::longValue).sum();
    nanos.merge(Part.OTHER, Math.max(0, all - published), Long::sum);
    return new ProcessorTime(nanos);
  }

  private static void add(Path thread, Map<Part, Long> nanos) {
    try {
      String name = Files.readString(thread.resolve("comm"), UTF_8);
      String[] used = Files.readString(thread.resolve("schedstat"), UTF_8).split(" ");
      nanos.merge(Part.of(name), Long.parseLong(used[0]), Long::sum);
    } catch (NoSuchFileException e) {
      // The thread has ended meanwhile.
    } catch (IOException e) {
      throw new UncheckedIOException("a thread's processor time could not be read", e);
    }
  }

  /** Nanoseconds of a part since an earlier time. */
  long since(ProcessorTime before, Part part) {
    return nanos.getOrDefault(part, 0L) - before.nanos.getOrDefault(part, 0L);
  }

  /** Nanoseconds of all parts since an earlier time. */
  long since(ProcessorTime before) {
    return Stream.of(Part.values()).mapToLong(part -> since(before, part)).sum();
  }
}
