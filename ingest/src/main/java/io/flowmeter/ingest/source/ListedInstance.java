package io.flowmeter.ingest.source;

import java.time.Instant;
import java.util.Optional;

/**
 * A row of the list of instances.
 *
 * @param status as the source gave it; {@code unknown} where it gave none
 */
public record ListedInstance(
    String id,
    String status,
    Optional<Instant> createdOn,
    Optional<Instant> startedOn,
    Optional<Instant> endedOn,
    Optional<Instant> modifiedOn,
    Optional<String> versionId,
    Optional<String> workflowId,
    Optional<String> triggerSource) {}
