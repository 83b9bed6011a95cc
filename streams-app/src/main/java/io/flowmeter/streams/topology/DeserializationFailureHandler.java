package io.flowmeter.streams.topology;

import io.flowmeter.streams.deadletter.BoundedDeadLetter;
import io.flowmeter.streams.deadletter.DeadLetterHeaders;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * An observation that cannot be read goes to the dead letters. That the registry cannot be reached
 * says nothing of the observation: the thread fails, and begins again from its last commit.
 */
public final class DeserializationFailureHandler implements DeserializationExceptionHandler {

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
    Exception failure = describe(record.headers(), exception);
    DeadLetterLogger.log(context, failure);
    return Response.resume(
        BoundedDeadLetter.each(
            toDeadLetters
                .handleError(new TimelyContext(context), record, failure)
                .deadLetterQueueRecords()));
  }

  /** The cause of one that was replayed says so. */
  private static Exception describe(Headers headers, Exception exception) {
    return DeadLetterHeaders.replays(headers) == 0
        ? exception
        : new SerializationException(
            DeadLetterHeaders.describe(headers, exception.getMessage()), exception);
  }
}
