package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.model.Version;
import java.time.Instant;

/**
 * A version of a workflow that was served, alone or in a list.
 *
 * @param first when it was first served, by the API's clock
 * @param last when it was last served
 */
public record ServedVersion(String workflow, Version version, Instant first, Instant last) {}
