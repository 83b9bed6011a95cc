package io.flowmeter.ingest.source;

import io.flowmeter.schemas.observation.Error;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The detail of an instance, without what it worked on: of output and params only the sizes remain.
 *
 * @param status as the source gave it
 * @param steps in ascending order; the position is the step's index
 */
public record InstanceDetail(
    String status,
    Optional<Instant> queued,
    Optional<Instant> start,
    Optional<Instant> end,
    Optional<Boolean> success,
    Optional<Error> error,
    Optional<String> versionId,
    Optional<String> triggerSource,
    OptionalLong outputBytes,
    OptionalLong paramsBytes,
    Optional<String> rollbackOutcome,
    Optional<Error> rollbackError,
    ObservedSteps steps) {

  /** The same with other steps. */
  public InstanceDetail with(ObservedSteps others) {
    return new InstanceDetail(
        status,
        queued,
        start,
        end,
        success,
        error,
        versionId,
        triggerSource,
        outputBytes,
        paramsBytes,
        rollbackOutcome,
        rollbackError,
        others);
  }
}
