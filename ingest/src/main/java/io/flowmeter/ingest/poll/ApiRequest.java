package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.Source;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that is worth making now, and what becomes of its answer.
 *
 * @param what it is about, for logs
 * @param asking makes the request; it may take long, and holds no lock
 * @param answered takes the answer in
 * @param failed takes in that there is none
 */
record ApiRequest<T>(
    String what, Asking<T> asking, Taking<ApiResponse<T>> answered, Taking<Failure> failed) {
  private static final Logger LOG = LoggerFactory.getLogger(ApiRequest.class);

  interface Asking<T> {
    ApiResponse<T> send(Source source, Permit permit)
        throws ApiFailureException, InterruptedException;
  }

  interface Taking<A> {
    void take(A answer) throws InterruptedException;
  }

  /** What is left to do when the answer is there. */
  interface Settling {
    void complete() throws InterruptedException;
  }

  /**
   * No answer.
   *
   * @param message what was expected, what came, what to do
   * @param fault empty where a programming error kept the answer away
   */
  record Failure(String message, Optional<ApiFailureException> fault) {}

  /**
   * The same about a workflow as it is now. An answer that comes when it was deleted or made anew
   * is passed over, for all that was known of it was settled then.
   */
  ApiRequest<T> of(WorkflowState workflow) {
    int life = workflow.life;
    return new ApiRequest<>(
        what,
        asking,
        response -> {
          if (workflow.life == life) {
            answered.take(response);
          }
        },
        failure -> {
          if (workflow.life == life) {
            failed.take(failure);
          }
        });
  }

  Settling send(Source source, Permit permit) throws InterruptedException {
    try {
      ApiResponse<T> response = asking.send(source, permit);
      return () -> answered.take(response);
    } catch (ApiFailureException e) {
      return () -> failed.take(new Failure(e.getMessage(), Optional.of(e)));
    } catch (RuntimeException e) {
      LOG.error("{} failed", what, e);
      return () -> failed.take(new Failure(what + " failed: " + e, Optional.empty()));
    }
  }
}
