package io.flowmeter.streams.run;

import java.util.Optional;

/**
 * What follows from a run before and after something was learnt of it. All that is told downstream
 * is a difference of the two.
 *
 * @param before empty when the run was not known
 * @param revision of the facts after; higher than any told before of the run
 * @param late sightings that came too late to be learnt; where there are some, before and after may
 *     be the same
 */
public record RunChanged(
    RunKey run, Optional<RunFacts> before, RunFacts after, long revision, int late) {}
