package io.flowmeter.simulator.model;

import java.time.Instant;

/** From {@code at} on, the life has this status. */
public record StatusChange(Instant at, SimulatedStatus status) {}
