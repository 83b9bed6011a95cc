package io.flowmeter.streams.topology;

import io.flowmeter.schemas.Topics;
import io.flowmeter.streams.run.UnprocessableException;
import java.util.Map;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An observation from which nothing can be learnt goes to the dead letters. All else, such as a
 * full disk, is not its fault: the thread fails, takes back what it had half done, and begins again
 * from its last commit.
 */
public final class UnprocessableObservations implements ProcessingExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(UnprocessableObservations.class);

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
