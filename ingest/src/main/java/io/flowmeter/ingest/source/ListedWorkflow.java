package io.flowmeter.ingest.source;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A workflow, as a list or a single get tells it.
 *
 * @param counts instances by status; absent where the answer does not tell them
 */
public record ListedWorkflow(
    String name,
    Optional<String> id,
    Optional<String> className,
    Optional<String> scriptName,
    Optional<Instant> createdOn,
    Optional<Instant> modifiedOn,
    Optional<Instant> triggeredOn,
    Optional<Map<String, Long>> counts) {
  public ListedWorkflow {
    counts = counts.map(Map::copyOf);
  }

  /** Instances by status; none where they are not told. */
  public Map<String, Long> instances() {
    return counts.orElse(Map.of());
  }
}
