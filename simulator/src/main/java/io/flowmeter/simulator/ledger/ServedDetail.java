package io.flowmeter.simulator.ledger;

import java.time.Instant;

/**
 * A detail that was served.
 *
 * @param at the moment as of which it held, by the API's clock
 * @param whole whether the steps were in it
 */
public record ServedDetail(Instant at, boolean whole) {}
