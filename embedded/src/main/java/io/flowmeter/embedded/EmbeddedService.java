package io.flowmeter.embedded;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/** A server that this process started and that serves until it is closed. */
public sealed interface EmbeddedService extends AutoCloseable
    permits EmbeddedKafka, EmbeddedSchemaRegistry, EmbeddedClickHouse {

  /** Returns the name in messages: {@code kafka}, {@code registry} or {@code clickhouse}. */
  String name();

  /**
   * Returns the port on 127.0.0.1 on which it listens. It differs from the preferred port if that
   * was in use.
   */
  int port();

  /** Returns the directory of its data and its log. */
  Path directory();

  /** Returns false after it was closed or died. */
  boolean isAlive();

  /**
   * Completes, with the reason, if the service dies without being closed; never after {@link
   * #close}.
   */
  CompletionStage<EmbeddedServiceException> death();

  /** Stops the server and waits for it; its data stays. Further calls do nothing. */
  @Override
  void close();
}
