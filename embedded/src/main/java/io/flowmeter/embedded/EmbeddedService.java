package io.flowmeter.embedded;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/** A server that was started here and serves until it is closed. */
public sealed interface EmbeddedService extends AutoCloseable
    permits EmbeddedKafka, EmbeddedSchemaRegistry, EmbeddedClickHouse {

  /** The name in messages: {@code kafka}, {@code registry} or {@code clickhouse}. */
  String name();

  /**
   * The port on 127.0.0.1 that it really listens on; another one than wished when that was taken.
   */
  int port();

  /** Where it keeps its data and its log. */
  Path directory();

  /** False once it was closed or died. */
  boolean isAlive();

  /**
   * Completes, with the reason, when the part dies without having been closed; never after {@link
   * #close}.
   */
  CompletionStage<EmbeddedServiceException> death();

  /** Stops the server and waits for it; data stays. Further calls do nothing. */
  @Override
  void close();
}
