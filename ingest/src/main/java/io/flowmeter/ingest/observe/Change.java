package io.flowmeter.ingest.observe;

import io.flowmeter.schemas.observation.Observation;
import java.util.List;

/**
 * What a sighting brought.
 *
 * @param observations to be told; empty where nothing is new
 * @param tracked of the instance from now on
 * @param lasting what is to be remembered over a restart changed, too
 */
public record Change(List<Observation> observations, TrackedInstance tracked, boolean lasting) {
  public Change {
    observations = List.copyOf(observations);
  }

  /** Nothing new. */
  public static Change none(TrackedInstance tracked) {
    return new Change(List.of(), tracked, false);
  }
}
