package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.model.SimulatedStatus;
import java.time.Instant;
import java.util.Map;

/** The numbers of a workflow's instances by status, as an answer told them. */
public record ServedCounts(Instant at, Map<SimulatedStatus, Integer> counts) {}
