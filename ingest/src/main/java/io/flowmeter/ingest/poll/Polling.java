package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.Units;
import io.flowmeter.ingest.source.Source;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;

/**
 * What every sweep needs.
 *
 * @param visits where details are fetched
 * @param stopping no further request is to be planned
 */
record Polling(
    Source source,
    Units units,
    Publisher publisher,
    ExecutorService visits,
    PollSettings settings,
    Tally tally,
    BooleanSupplier stopping) {}
