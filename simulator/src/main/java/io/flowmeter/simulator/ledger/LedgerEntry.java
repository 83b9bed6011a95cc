package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.model.SimulatedRun;
import java.time.Instant;

/**
 * One life of one instance, as it truly was by the moment the ledger was asked for.
 *
 * @param instanceId as in the API
 * @param createdOn the {@code created_on} of the instance's row, the same for all its lives
 * @param run what had happened by that moment
 * @param newest whether the instance had no later life by then
 * @param vanished whether the instance had fallen out of retention by then
 */
public record LedgerEntry(
    String workflow,
    String instanceId,
    Instant createdOn,
    SimulatedRun run,
    boolean newest,
    boolean vanished) {}
