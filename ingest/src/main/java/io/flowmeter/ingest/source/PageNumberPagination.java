package io.flowmeter.ingest.source;

import java.util.Optional;
import java.util.OptionalInt;

/** Lists whose pages have numbers, from 1. */
final class PageNumberPagination {
  private PageNumberPagination() {}

  interface Call<T> {
    ApiResponse<Envelope<ApiJson.Rows<T>>> page(String number)
        throws ApiFailureException, InterruptedException;
  }

  /**
   * Reads a page.
   *
   * @param full rows of a full page, which goes on where the source does not tell; empty where a
   *     list that does not tell came whole
   */
  static <T> ApiResponse<ResponsePage<T>> read(Optional<String> at, OptionalInt full, Call<T> call)
      throws ApiFailureException, InterruptedException {
    int number = at.map(Integer::parseInt).orElse(1);
    return call.page(Integer.toString(number))
        .map(
            envelope -> {
              ApiJson.Rows<T> rows = envelope.result().orElseThrow();
              int shown = rows.rows().size() + rows.skipped();
              boolean isFull = full.isPresent() && shown == full.getAsInt();
              boolean more = shown > 0 && envelope.paging().goesOnAfter(number).orElse(isFull);
              return new ResponsePage<>(
                  rows.rows(),
                  rows.skipped(),
                  more ? Optional.of(Integer.toString(number + 1)) : Optional.empty());
            });
  }
}
