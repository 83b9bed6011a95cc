package io.flowmeter.cli.start;

import io.flowmeter.cli.backend.KafkaUnavailableException;
import io.flowmeter.schemas.RegistryUnavailableException;
import io.flowmeter.sql.ClickHouseFailure;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * A part that does not answer now, as a failure tells.
 *
 * @param reason in words
 */
record Unavailable(Backend backend, String reason) {

  /** Which part asking again later may help with; empty where it would not. */
  static Optional<Unavailable> of(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      Optional<Backend> backend = backend(at);
      if (backend.isPresent()) {
        return backend.map(away -> new Unavailable(away, String.valueOf(failure.getMessage())));
      }
      if (at instanceof SQLException) {
        // ClickHouse has spoken; what is below tells of no other part.
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Optional<Backend> backend(Throwable failure) {
    if (failure instanceof RegistryUnavailableException) {
      return Optional.of(Backend.REGISTRY);
    }
    if (failure instanceof SQLException sql) {
      return ClickHouseFailure.isUnavailable(sql)
          ? Optional.of(Backend.CLICKHOUSE)
          : Optional.empty();
    }
    return isKafka(failure) ? Optional.of(Backend.KAFKA) : Optional.empty();
  }

  /**
   * What Kafka itself takes for passing, and what answers to Kafka are waited for with. A producer
   * is fenced where its process was suspended and another took over, which goes on when it ends.
   */
  private static boolean isKafka(Throwable failure) {
    return failure instanceof KafkaUnavailableException
        || failure instanceof RetriableException
        || failure instanceof ProducerFencedException
        || failure instanceof InvalidProducerEpochException
        || failure instanceof TimeoutException;
  }
}
