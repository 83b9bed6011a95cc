package io.flowmeter.simulator.ledger;

import java.time.Instant;

/**
 * A workflow that was served, alone or in a list.
 *
 * @param first when it was first served, by the API's clock
 * @param last when it was last served
 */
public record ServedWorkflow(String workflow, Instant first, Instant last) {}
