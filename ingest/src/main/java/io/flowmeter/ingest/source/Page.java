package io.flowmeter.ingest.source;

import java.util.List;
import java.util.Optional;

/**
 * A page of a list.
 *
 * @param skipped rows that could not be used: without id, or without both status and creation
 * @param next where the next page begins; empty at the end of the list
 */
public record Page<T>(List<T> rows, int skipped, Optional<String> next) {
  public Page {
    rows = List.copyOf(rows);
  }
}
