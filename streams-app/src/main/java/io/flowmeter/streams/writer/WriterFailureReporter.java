package io.flowmeter.streams.writer;

import io.flowmeter.schemas.SchemaRegistryException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the writer does not get on now. It is logged when it begins, when it becomes another, once a
 * minute while it lasts, and when it is over. Told by one thread, read by any.
 */
final class WriterFailureReporter {
  private static final Logger log = LoggerFactory.getLogger(ClickHouseWriter.class);
  private static final Duration TELL_AGAIN = Duration.ofMinutes(1);

  private volatile String words;
  private boolean lasting;
  private String kind = "";
  private long sinceNanos;
  private long publishedNanos;

  /** What it is; empty while all is well. */
  Optional<String> words() {
    return Optional.ofNullable(words);
  }

  /**
   * An insert failed, or a look at the tables.
   *
   * @throws IllegalStateException where nobody foresaw how it failed
   */
  void with(InFlightBatch.Failure failure) {
    if (failure.getCause() instanceof SQLException sql) {
      is(
          "ClickHouse " + sql.getErrorCode(),
          "ClickHouse cannot be written to, rows wait in Kafka: " + InsertFailure.describe(sql),
          failure.again());
    } else if (failure.getCause() instanceof SchemaRegistryException registry) {
      is(
          "registry",
          "the Schema Registry cannot be asked: " + registry.getMessage(),
          failure.again());
    } else {
      throw new IllegalStateException("an insert failed in an unknown way", failure.getCause());
    }
  }

  /** Kafka does not take a commit, which is tried again at once. */
  void withKafka(String why) {
    is("Kafka", "Kafka does not take the commit: " + why, Duration.ZERO);
  }

  /** The writer ended with it; nothing that follows makes it well. */
  void lasts(Throwable failure) {
    words = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    lasting = true;
  }

  private void is(String its, String now, Duration again) {
    long nanos = System.nanoTime();
    if (words == null) {
      sinceNanos = nanos;
    }
    if (words == null || !its.equals(kind) || nanos - publishedNanos >= TELL_AGAIN.toNanos()) {
      publishedNanos = nanos;
      log.atWarn()
          .addKeyValue("event", "writes_failing")
          .log("{}; trying again in {} ms, and so on", now, again.toMillis());
    }
    kind = its;
    words = now;
  }

  /** What was tried again has gone well. */
  void over() {
    if (words != null) {
      long ms = Duration.ofNanos(System.nanoTime() - sinceNanos).toMillis();
      log.atInfo()
          .addKeyValue("event", "writes_recovered")
          .addKeyValue("took_ms", ms)
          .log("the writer gets on again after {} ms; it was: {}", ms, words);
      words = null;
    }
  }

  /** What went wrong is another's from now on, who will tell it. */
  void clear() {
    if (!lasting) {
      words = null;
    }
  }
}
