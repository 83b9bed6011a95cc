package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.Units;
import io.flowmeter.ingest.source.Source;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;

/**
 * What every sweep needs.
 *
 * @param visits where details are fetched
 * @param limits how much a sweep may do
 * @param stopping no further request is to be planned
 */
record Polling(
    Source source,
    Units units,
    Publisher publisher,
    ExecutorService visits,
    Looks looks,
    Limits limits,
    Tally tally,
    BooleanSupplier stopping) {

  /**
   * How much a sweep may do before it lets go, so that neither what is old nor what is still keeps
   * it from what is new.
   *
   * @param visits details of new and changed instances from one list
   * @param looks details of instances whose row did not change
   * @param toldAtLeast a sweep's end is told at least so often
   * @param retention how long ended instances are remembered
   * @param versionsEvery versions are listed at least so often
   */
  record Limits(
      int visits, int looks, Duration toldAtLeast, Duration retention, Duration versionsEvery) {}
}
