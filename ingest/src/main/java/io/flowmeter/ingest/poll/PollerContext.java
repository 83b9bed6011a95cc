package io.flowmeter.ingest.poll;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.publish.ObservationSink;
import io.flowmeter.ingest.source.Source.Traits;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.util.function.BooleanSupplier;

/**
 * What all that polls an account needs.
 *
 * @param clock by which all is planned; nobody sets it
 * @param stopping nothing more is to be asked
 */
record PollerContext(
    String account,
    Traits traits,
    PollSettings settings,
    ObservationSink sink,
    Telemetry telemetry,
    PollStats stats,
    Clock clock,
    BooleanSupplier stopping) {}
