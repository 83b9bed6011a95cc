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

  /** RocksDB's own words for files and for what is not in files yet. */
  private static final Set<String> STORE_SIZES =
      Set.of("total-sst-files-size", "size-all-mem-tables");

  private static final String STORE_ENTRIES = "num-keys";

  /** Of a partition, in the words of the consumer that reads it. */
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
          Throwable why = FullDiskException.explained(thrown, stores);
          failure.set(why);
          failures.incrementAndGet();
          log.atError()
              .addKeyValue("event", "topology_failed")
              .setCause(why)
              .log(
                  "a stream thread failed{}; it is replaced and goes on from its last commit",
                  why instanceof FullDiskException ? ": " + why.getMessage() : "");
          pauseBeforeReplacing();
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
  }

  /** One line when partitions move, and one when all is in its place again. */
  private void changed(KafkaStreams.State now, KafkaStreams.State before) {
    if (now == KafkaStreams.State.REBALANCING) {
      rebalancingNanos = System.nanoTime();
      log.atInfo()
          .addKeyValue("event", "rebalancing")
          .log("partitions are handed out; those that stay go on");
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
              "the topology runs after {} ms; {} records were read anew of stores {}",
              took.toMillis(),
              last.all(),
              stores);
    } else if (now.hasStartedOrFinishedShuttingDown()) {
      log.debug("from {} to {}", before, now);
    }
  }

  /** What failed because something is away is not to be tried again a thousand times a second. */
  private static void pauseBeforeReplacing() {
    try {
      Thread.sleep(REPLACE_AFTER.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Starts the topology; it goes on where its group stopped. Stores that are only half there are
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
        CorruptStore broken =
            CorruptStore.of(e, stores)
                .orElseThrow(
                    () ->
                        FullDiskException.explained(e, stores) instanceof FullDiskException full
                            ? full
                            : e);
        if (!removed.add(broken.taskDirectory())) {
          throw e;
        }
        log.warn(
            "the store {} is broken, as a process that dies may leave it: {}. {} is removed and restored from Kafka",
            broken.store(),
            broken.reason(),
            broken.taskDirectory());
        broken.removeTask();
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

  /** The name of its group. */
  public String applicationId() {
    return applicationId;
  }

  /** Waits until partitions are assigned and stores are restored; false if that took longer. */
  public boolean awaitRunning(Duration patience) throws InterruptedException {
    return ready.await(patience.toMillis(), TimeUnit.MILLISECONDS) && isRunning();
  }

  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** What was read anew of stores until it last came to run. */
  public RestoreResult result() {
    return result;
  }

  /** The state in Kafka Streams' own words, such as RUNNING, REBALANCING or ERROR. */
  public String state() {
    return streams.state().name();
  }

  /**
   * Bytes of each store on disk that this process has open, in files and yet in memory, over all
   * its tasks; empty while there are none.
   */
  public Map<String, Long> storeBytes() {
    return ofStores(STORE_SIZES, ON_DISK);
  }

  /**
   * Entries of each store in memory that this process has open, over all its tasks; such stores
   * grow with workflows and not with runs.
   */
  public Map<String, Long> storeEntries() {
    return ofStores(Set.of(STORE_ENTRIES), IN_MEMORY);
  }

  private Map<String, Long> ofStores(Set<String> metrics, String storeTag) {
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
   * Records in the partitions of this process that it has not read yet, repartitioned ones too;
   * unknown until it has read of one.
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
   * Since that thread last asked for records which did so longest ago; empty before the first did.
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

  /** How many stream threads have failed and were replaced since the start. */
  public int failures() {
    return failures.get();
  }

  /** What last made a stream thread fail, if one did. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure.get());
  }

  @Override
  public void close() {
    // Leaving the group hands the tasks over at once instead of after the session time-out.
    CloseOptions leaving =
        CloseOptions.timeout(STOP_WITHIN)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(leaving)) {
      log.warn(
          "stream threads did not stop within {} s; what they did not commit is done again",
          STOP_WITHIN.toSeconds());
    }
  }
}
