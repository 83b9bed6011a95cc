package io.flowmeter.ingest.source;

import java.util.Optional;
import java.util.OptionalInt;

/** Lists whose pages have numbers, from 1. */
final class NumberedPages {
  private NumberedPages() {}

  interface Call<T> {
    Answer<Envelope<ApiJson.Rows<T>>> page(String number)
        throws FaultException, InterruptedException;
  }

  /**
   * Reads a page.
   *
   * @param full rows of a full page, which goes on where the source does not tell; empty where a
   *     list that does not tell came whole
   */
  static <T> Answer<Page<T>> read(Optional<String> at, OptionalInt full, Call<T> call)
      throws FaultException, InterruptedException {
    int number = at.map(Integer::parseInt).orElse(1);
    return call.page(Integer.toString(number))
        .map(
            envelope -> {
              ApiJson.Rows<T> rows = envelope.result().orElseThrow();
              int shown = rows.rows().size() + rows.skipped();
              boolean isFull = full.isPresent() && shown == full.getAsInt();
              boolean more = shown > 0 && envelope.paging().goesOnAfter(number).orElse(isFull);
              return new Page<>(
                  rows.rows(),
                  rows.skipped(),
                  more ? Optional.of(Integer.toString(number + 1)) : Optional.empty());
            });
  }
}
