package io.flowmeter.simulator.life;

import java.time.Instant;

/** From {@code at} on, the life has this status. */
public record StatusChange(Instant at, Status status) {}
