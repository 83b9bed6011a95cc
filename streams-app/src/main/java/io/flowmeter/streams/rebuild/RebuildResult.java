package io.flowmeter.streams.rebuild;

import io.flowmeter.sql.RebuiltTables.Difference;
import java.util.List;
import java.util.Optional;

/**
 * What a rebuild came to.
 *
 * @param boundary runs of an earlier name, in epoch milliseconds, were carried over; empty where
 *     all observations are retained
 * @param derived runs that were derived anew
 * @param carried runs that were carried over
 * @param skipped observations that could not be processed
 * @param differences between what was in use and what was derived, by relation
 * @param swapped whether what was derived is in use now
 */
public record RebuildResult(
    Optional<Long> boundary,
    long derived,
    long carried,
    long skipped,
    List<Difference> differences,
    boolean swapped) {

  public RebuildResult {
    differences = List.copyOf(differences);
  }
}
