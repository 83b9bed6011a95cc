package io.flowmeter.streams.topology;

import io.flowmeter.schemas.Topics;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log's line of an observation that goes to the dead letters. */
final class DeadLetterLogger {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLogger.class);

  private DeadLetterLogger() {}

  static void log(ErrorHandlerContext context, Exception cause) {
    LOG.atWarn()
        .addKeyValue("event", "dead_letter")
        .addKeyValue("topic", context.topic())
        .addKeyValue("partition", context.partition())
        .addKeyValue("offset", context.offset())
        .log(
            "{}-{} offset {} cannot be processed and goes to {}: {}",
            context.topic(),
            context.partition(),
            context.offset(),
            Topics.DEAD_LETTERS,
            cause.getMessage());
  }
}
