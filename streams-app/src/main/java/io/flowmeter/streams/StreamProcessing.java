package io.flowmeter.streams;

import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.streams.topology.FlowmeterTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running topology. */
public final class StreamProcessing implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamProcessing.class);
  private static final Duration REPLACE_AFTER = Duration.ofSeconds(1);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  /** RocksDB metrics: the size of SST files and of memtables. */
  private static final Set<String> STORE_SIZES =
      Set.of("total-sst-files-size", "size-all-mem-tables");

  private static final String STORE_ENTRIES = "num-keys";

  /** Consumer metric with one value per partition. */
  private static final String LAG = "records-lag";

  private static final String SINCE_POLL = "last-poll-seconds-ago";

  private static final String RESTORING = "-restore-consumer";

  private static final String ON_DISK = "rocksdb-state-id";
  private static final String IN_MEMORY = "in-memory-state-id";

  private final String applicationId;
  private final KafkaStreams streams;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final RestoreProgress progress = new RestoreProgress();
  private volatile RestoreResult result = RestoreResult.NOTHING;
  private volatile long rebalancingNanos = System.nanoTime();

  private StreamProcessing(String applicationId, KafkaStreams streams, Path stores) {
    this.applicationId = applicationId;
    this.streams = streams;
    streams.setStateListener(
        (now, before) -> {
          changed(now, before);
          if (now == KafkaStreams.State.RUNNING || now.hasStartedOrFinishedShuttingDown()) {
            ready.countDown();
          }
        });
    streams.setGlobalStateRestoreListener(progress);
    streams.setUncaughtExceptionHandler(
        thrown -> {
          Throwable described = FullDiskException.explained(thrown, stores);
          failure.set(described);
          failures.incrementAndGet();
          log.atError()
              .addKeyValue("event", "topology_failed")
              .setCause(described)
              .log(
                  "a stream thread failed{}; its replacement resumes from the last commit",
                  described instanceof FullDiskException ? ": " + described.getMessage() : "");
          pauseBeforeReplacing();
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
  }

  /** Logs one line when a rebalance starts and one when the topology runs again. */
  private void changed(KafkaStreams.State now, KafkaStreams.State before) {
    if (now == KafkaStreams.State.REBALANCING) {
      rebalancingNanos = System.nanoTime();
      log.atInfo()
          .addKeyValue("event", "rebalancing")
          .log("rebalancing; retained partitions continue");
    } else if (now == KafkaStreams.State.RUNNING) {
      Duration took = Duration.ofNanos(System.nanoTime() - rebalancingNanos);
      RestoreResult last = progress.take();
      result = last;
      Set<String> stores = new TreeSet<>(last.records().keySet());
      log.atInfo()
          .addKeyValue("event", "running")
          .addKeyValue("took_ms", took.toMillis())
          .addKeyValue("reading_ms", last.reading().toMillis())
          .addKeyValue("restored_records", last.all())
          .addKeyValue("restored_stores", String.join(" ", stores))
          .log(
              "topology running after {} ms; restored {} records of stores {}",
              took.toMillis(),
              last.all(),
              stores);
    } else if (now.hasStartedOrFinishedShuttingDown()) {
      log.debug("from {} to {}", before, now);
    }
  }

  /** Limits the retry rate if a thread failed because a backend is unavailable. */
  private static void pauseBeforeReplacing() {
    try {
      Thread.sleep(REPLACE_AFTER.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Starts the topology, which resumes from the committed offsets of its group. Corrupt stores are
   * removed and restored from Kafka.
   */
  public static StreamProcessing start(StreamSettings settings, SchemaRegistry registry) {
    Path stores = settings.stateDir().resolve(settings.applicationId());
    Set<Path> removed = new HashSet<>();
    while (true) {
      StreamProcessing processing = of(settings, registry);
      try {
        processing.streams.start();
        return processing;
      } catch (StreamsException e) {
        processing.close();
        CorruptStore corrupt =
            CorruptStore.of(e, stores)
                .orElseThrow(
                    () ->
                        FullDiskException.explained(e, stores) instanceof FullDiskException full
                            ? full
                            : e);
        if (!removed.add(corrupt.taskDirectory())) {
          throw e;
        }
        log.warn(
            "store {} is corrupt, probably because a process died: {}. Removing {}; Kafka Streams restores it from Kafka",
            corrupt.store(),
            corrupt.reason(),
            corrupt.taskDirectory());
        corrupt.removeTask();
      }
    }
  }

  private static StreamProcessing of(StreamSettings settings, SchemaRegistry registry) {
    Properties config = new Properties();
    config.putAll(settings.streamsConfig());
    return new StreamProcessing(
        settings.applicationId(),
        new KafkaStreams(
            FlowmeterTopology.build(settings.topology(), registry, settings.clock()),
            config,
            new FailpointKafkaClients()),
        settings.stateDir().resolve(settings.applicationId()));
  }

  /** Returns the application ID, which is also the name of the consumer group. */
  public String applicationId() {
    return applicationId;
  }

  /** Waits until partitions are assigned and stores are restored. Returns false on a timeout. */
  public boolean awaitRunning(Duration patience) throws InterruptedException {
    return ready.await(patience.toMillis(), TimeUnit.MILLISECONDS) && isRunning();
  }

  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Returns what the last transition to RUNNING restored. */
  public RestoreResult result() {
    return result;
  }

  /** Returns the Kafka Streams state, such as RUNNING, REBALANCING or ERROR. */
  public String state() {
    return streams.state().name();
  }

  /**
   * Returns the bytes of each open store on disk, in files and in memtables, summed over all tasks
   * of this process. The map is empty while no store is open.
   */
  public Map<String, Long> storeBytes() {
    return sumByStore(STORE_SIZES, ON_DISK);
  }

  /**
   * Returns the entries of each open in-memory store, summed over all tasks of this process. These
   * stores grow with the number of workflows, not of runs.
   */
  public Map<String, Long> storeEntries() {
    return sumByStore(Set.of(STORE_ENTRIES), IN_MEMORY);
  }

  private Map<String, Long> sumByStore(Set<String> metrics, String storeTag) {
    Map<String, Long> sums = new TreeMap<>();
    streams
        .metrics()
        .forEach(
            (name, metric) -> {
              String store = name.tags().get(storeTag);
              if (store != null
                  && metrics.contains(name.name())
                  && metric.metricValue() instanceof Number size) {
                sums.merge(store, size.longValue(), Long::sum);
              }
            });
    return sums;
  }

  /**
   * Returns the consumer lag of this process's partitions, repartition topics included. It is empty
   * until the first partition was read.
   */
  public OptionalLong lag() {
    return streams.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals(LAG))
        .filter(metric -> metric.getKey().tags().containsKey("partition"))
        .filter(metric -> !metric.getKey().tags().get("client-id").endsWith(RESTORING))
        .map(metric -> metric.getValue().metricValue())
        .filter(Double.class::isInstance)
        .mapToDouble(value -> (Double) value)
        .filter(lag -> !Double.isNaN(lag))
        .mapToLong(lag -> (long) lag)
        .reduce(Long::sum);
  }

  /**
   * Returns the time since the last poll of the stream thread that polled longest ago. It is empty
   * before the first poll.
   */
  public Optional<Duration> sincePoll() {
    return streams.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals(SINCE_POLL))
        .filter(metric -> !metric.getKey().tags().get("client-id").endsWith(RESTORING))
        .map(metric -> metric.getValue().metricValue())
        .filter(Double.class::isInstance)
        .map(seconds -> (Double) seconds)
        .filter(seconds -> seconds >= 0)
        .max(Double::compare)
        .map(seconds -> Duration.ofSeconds(seconds.longValue()));
  }

  /** Returns the number of stream threads that failed and were replaced since the start. */
  public int failures() {
    return failures.get();
  }

  /** Returns the last failure of a stream thread, if any. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure.get());
  }

  @Override
  public void close() {
    // Leaving the group reassigns the tasks at once, not after the session timeout.
    CloseOptions leaving =
        CloseOptions.timeout(STOP_WITHIN)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(leaving)) {
      log.warn(
          "stream threads did not stop within {} s; uncommitted work is repeated after the next start",
          STOP_WITHIN.toSeconds());
    }
  }
}
