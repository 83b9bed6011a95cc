package io.flowmeter.ingest.source;

import java.util.List;
import java.util.Optional;

/**
 * A page of a list.
 *
 * @param skipped rows that could not be used: without id, or without both status and creation
 * @param next where the next page begins, as the source says; empty at the end of the list
 */
public record ResponsePage<T>(List<T> rows, int skipped, Optional<String> next) {
  public ResponsePage {
    rows = List.copyOf(rows);
  }

  /** It shows nothing, be it of use or not. */
  public boolean isEmpty() {
    return rows.isEmpty() && skipped == 0;
  }
}
