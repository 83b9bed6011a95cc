package io.flowmeter.ingest.poll;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.publish.Telling;
import io.flowmeter.ingest.source.Source.Traits;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.util.function.BooleanSupplier;

/**
 * What all that polls an account needs.
 *
 * @param clock by which all is planned; nobody sets it
 * @param stopping nothing more is to be asked
 */
record Polling(
    String account,
    Traits traits,
    PollSettings settings,
    Telling telling,
    Telemetry telemetry,
    Tally tally,
    Clock clock,
    BooleanSupplier stopping) {}
