package io.flowmeter.ingest.source;

import java.util.Optional;

/** Lists whose pages have numbers, from 1. */
final class NumberedPages {
  private NumberedPages() {}

  interface Call<T> {
    Answer<Envelope<ApiJson.Rows<T>>> page(String number)
        throws FaultException, InterruptedException;
  }

  static <T> Answer<Page<T>> read(Optional<String> at, Call<T> call)
      throws FaultException, InterruptedException {
    int number = at.map(Integer::parseInt).orElse(1);
    return call.page(Integer.toString(number))
        .map(
            envelope -> {
              ApiJson.Rows<T> rows = envelope.result().orElseThrow();
              boolean empty = rows.rows().isEmpty() && rows.skipped() == 0;
              boolean more = !empty && envelope.paging().goesOnAfter(number);
              return new Page<>(
                  rows.rows(),
                  rows.skipped(),
                  more ? Optional.of(Integer.toString(number + 1)) : Optional.empty());
            });
  }
}
