package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.model.SimulatedStatus;
import java.time.Instant;

/**
 * A time in which rows and details showed a life in one and the same status.
 *
 * @param since when the life truly came into this status; two stretches never have it in common, so
 *     that a life that ended, was opened again and ended anew has two
 * @param first when an answer first showed it, by the API's clock
 * @param last when an answer last showed it
 */
public record StatusInterval(SimulatedStatus status, Instant since, Instant first, Instant last) {}
