package io.flowmeter.ingest.source;

import java.util.Optional;
import java.util.OptionalLong;

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
              // A list that does not tell how many pages it has came whole.
              OptionalLong pages = envelope.paging().totalPages();
              boolean empty = rows.rows().isEmpty() && rows.skipped() == 0;
              boolean more = !empty && pages.isPresent() && number < pages.getAsLong();
              return new Page<>(
                  rows.rows(),
                  rows.skipped(),
                  more ? Optional.of(Integer.toString(number + 1)) : Optional.empty());
            });
  }
}
