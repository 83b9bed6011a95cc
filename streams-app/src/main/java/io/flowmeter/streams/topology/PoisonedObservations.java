package io.flowmeter.streams.topology;

import io.flowmeter.schemas.Topics;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An observation that cannot be read goes to the dead letters. That the registry cannot be reached
 * says nothing of the observation: the thread fails, and begins again from its last commit.
 */
public final class PoisonedObservations implements DeserializationExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PoisonedObservations.class);

  private final DeserializationExceptionHandler toDeadLetters =
      new LogAndContinueExceptionHandler();

  @Override
  public void configure(Map<String, ?> config) {
    toDeadLetters.configure(config);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    if (!(exception instanceof SerializationException)) {
      return Response.fail();
    }
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
            exception.getMessage());
    return toDeadLetters.handleError(context, record, exception);
  }
}
