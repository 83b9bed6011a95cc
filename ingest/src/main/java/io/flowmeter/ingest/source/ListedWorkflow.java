package io.flowmeter.ingest.source;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A workflow, as a list or a single get tells it.
 *
 * @param instances instances by status; empty where the answer has none
 */
public record ListedWorkflow(
    String name,
    Optional<String> id,
    Optional<String> className,
    Optional<String> scriptName,
    Optional<Instant> createdOn,
    Optional<Instant> modifiedOn,
    Optional<Instant> triggeredOn,
    Map<String, Long> instances) {
  public ListedWorkflow {
    instances = Map.copyOf(instances);
  }
}
