package io.flowmeter.streams.topology;

import io.flowmeter.streams.deadletter.BoundedDeadLetter;
import io.flowmeter.streams.deadletter.DeadLetterHeaders;
import io.flowmeter.streams.run.UnprocessableException;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * An observation from which nothing can be learnt goes to the dead letters. All else, such as a
 * full disk, is not its fault: the thread fails, takes back what it had half done, and begins again
 * from its last commit.
 */
public final class ProcessingFailureHandler implements ProcessingExceptionHandler {

  private final ProcessingExceptionHandler toDeadLetters =
      new LogAndContinueProcessingExceptionHandler();

  @Override
  public void configure(Map<String, ?> config) {
    toDeadLetters.configure(config);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    if (!(exception instanceof UnprocessableException)) {
      return Response.fail();
    }
    Exception failure = describe(context.headers(), exception);
    DeadLetterLogger.log(context, failure);
    return Response.resume(
        BoundedDeadLetter.each(
            toDeadLetters.handleError(context, record, failure).deadLetterQueueRecords()));
  }

  /** The cause of one that was replayed says so. */
  private static Exception describe(Headers headers, Exception exception) {
    return DeadLetterHeaders.replays(headers) == 0
        ? exception
        : new UnprocessableException(
            DeadLetterHeaders.describe(headers, exception.getMessage()), exception);
  }
}
