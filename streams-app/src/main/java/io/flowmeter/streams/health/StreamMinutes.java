package io.flowmeter.streams.health;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.StreamMinute;
import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.rollup.Minutes;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterProgress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells relation {@code stream_minutes} how this process is: every 10 s, the last look in a minute
 * being that minute's row. It says nothing of any run, so that it needs no transaction; what cannot
 * be sent is left out, as the next look tells more.
 */
public final class StreamMinutes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamMinutes.class);

  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final int SENT_WITHIN_MS = 5_000;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  private final String process = "stream " + UUID.randomUUID();
  private final StreamProcessing topology;
  private final ClickHouseWriter writer;
  private final Clock clock;
  private final Producer<byte[], byte[]> producer;
  private final Serializer<StreamMinute> values;
  private final ScheduledExecutorService looks;

  // What was seen at the last look, and at the last look before this minute: for the one thread
  // that looks.
  private Instant minute = Instant.EPOCH;
  private long rowsBefore;
  private long rowsSeen;
  private int failuresBefore;
  private int failuresSeen;

  private StreamMinutes(
      StreamProcessing topology,
      ClickHouseWriter writer,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      Clock clock) {
    this.topology = topology;
    this.writer = writer;
    this.clock = clock;
    this.values = AvroSerde.serializer(Topics.STREAM_MINUTES, registry);
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, SENT_WITHIN_MS);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, SENT_WITHIN_MS / 2);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, SENT_WITHIN_MS);
    this.producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    this.looks =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "flowmeter-stream-minutes");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Begins to tell. The topic and its schema must be there.
   *
   * @param kafka settings of every Kafka client, at least {@code bootstrap.servers}
   */
  public static StreamMinutes start(
      StreamProcessing topology,
      ClickHouseWriter writer,
      Map<String, ?> kafka,
      SchemaRegistry registry,
      Clock clock) {
    StreamMinutes minutes = new StreamMinutes(topology, writer, kafka, registry, clock);
    minutes.looks.scheduleWithFixedDelay(minutes::publish, 1, EVERY.toSeconds(), TimeUnit.SECONDS);
    return minutes;
  }

  private void publish() {
    try {
      StreamMinute row = sample();
      byte[] key =
          (row.getProcess() + "/" + row.getMinute().getEpochSecond())
              .getBytes(StandardCharsets.UTF_8);
      String topic = Topics.STREAM_MINUTES.name();
      producer.send(
          new ProducerRecord<>(topic, key, values.serialize(topic, row)),
          (sent, failure) -> {
            if (failure != null) {
              log.warn("a look at this process could not be told", failure);
            }
          });
    } catch (RuntimeException e) {
      log.warn("a look at this process could not be told", e);
    }
  }

  private StreamMinute sample() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    WriterProgress progress = writer.progress();
    long rows = progress.totalRows();
    int failures = topology.failures();
    if (!Minutes.of(now).equals(minute)) {
      minute = Minutes.of(now);
      rowsBefore = rowsSeen;
      failuresBefore = failuresSeen;
    }
    rowsSeen = rows;
    failuresSeen = failures;
    return StreamMinute.newBuilder()
        .setMinute(minute)
        .setProcess(process)
        .setTopologyLag(orNull(topology.lag()))
        .setWriterLag(orNull(progress.lag()))
        .setRowsWritten(rows - rowsBefore)
        .setFailures(failures - failuresBefore)
        .setStoreBytes(sum(topology.storeBytes()))
        .setStoreEntries(sum(topology.storeEntries()))
        .setObservedAt(now)
        .setRevision(now.toEpochMilli())
        .build();
  }

  private static Long orNull(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  private static long sum(Map<String, Long> stores) {
    return stores.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void close() {
    looks.shutdownNow();
    producer.close(CLOSE_WITHIN);
  }
}
