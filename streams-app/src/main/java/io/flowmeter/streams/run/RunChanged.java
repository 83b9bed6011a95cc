package io.flowmeter.streams.run;

import io.flowmeter.streams.state.Contributions;
import java.util.Optional;

/**
 * What follows from a run before and after something was learnt of it. All that is told downstream
 * is a difference of the two.
 *
 * @param before empty when the run was not known
 * @param gave what the run has put into rollups until now, as far as it is no more so
 * @param gives what it puts into rollups from now on; some of it can be among what it gave
 * @param revision of the facts after; higher than any told before of the run
 * @param late sightings that came too late to be learnt; where there are some, before and after may
 *     be the same
 */
public record RunChanged(
    RunKey run,
    Optional<RunFacts> before,
    RunFacts after,
    Contributions gave,
    Contributions gives,
    long revision,
    int late) {}
