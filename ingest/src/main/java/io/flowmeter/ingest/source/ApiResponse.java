package io.flowmeter.ingest.source;

import java.time.Instant;
import java.util.function.Function;

/**
 * What a source said, and between which moments of its own clock it was true.
 *
 * @param requestedAt when the request left: what the value tells was not yet known to be otherwise
 * @param respondedAt when the response came
 */
public record ApiResponse<T>(T value, Instant requestedAt, Instant respondedAt) {

  public <R> ApiResponse<R> map(Function<? super T, ? extends R> change) {
    return new ApiResponse<>(change.apply(value), requestedAt, respondedAt);
  }
}
