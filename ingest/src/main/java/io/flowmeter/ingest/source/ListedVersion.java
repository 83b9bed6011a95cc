package io.flowmeter.ingest.source;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** A deployed version of a workflow. */
public record ListedVersion(
    String id,
    Optional<Instant> createdOn,
    Optional<Instant> modifiedOn,
    Optional<String> className,
    Optional<Boolean> hasDag,
    OptionalLong stepLimit,
    Optional<String> language) {}
