package io.flowmeter.ingest.source;

import java.time.Instant;
import java.util.function.Function;

/**
 * What a source said, and between which moments of its own clock it was true.
 *
 * @param asked when the request left: what the value tells was not yet known to be otherwise
 * @param answered when the response came
 */
public record ApiResponse<T>(T value, Instant asked, Instant answered) {

  public <R> ApiResponse<R> map(Function<? super T, ? extends R> change) {
    return new ApiResponse<>(change.apply(value), asked, answered);
  }
}
