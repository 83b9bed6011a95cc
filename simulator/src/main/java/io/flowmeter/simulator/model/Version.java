package io.flowmeter.simulator.model;

import java.time.Instant;

/**
 * A deployed version of a workflow.
 *
 * @param id a UUID
 * @param degraded whether this deploy made some step of the workflow worse
 */
public record Version(String id, Instant createdOn, boolean degraded) {}
