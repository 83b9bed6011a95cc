package io.flowmeter.ingest.poll;

import java.time.Instant;
import java.util.Optional;

/** One pass over a workflow's live rows, question by question. Used under the planner's lock. */
interface Sweep {

  /** Whether {@link #next} has a question. */
  boolean wantsRequest(Instant now);

  /** The next question of the sweep; whoever takes it asks it. */
  Optional<ApiRequest<?>> next(Instant now);

  /** So many pages it has yet to read, as far as that is known. */
  default long pagesLeft() {
    return 0;
  }

  /** Nothing is left to ask, and all that was asked is answered. */
  boolean over();

  /** All that was to be read was read. */
  boolean complete();
}
