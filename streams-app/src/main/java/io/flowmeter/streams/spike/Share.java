package io.flowmeter.streams.spike;

import io.flowmeter.schemas.state.EndedMinute;

/** So many of so many runs errored. */
record Share(long errored, long finished) {
  static final Share NONE = new Share(0, 0);

  double share() {
    return finished == 0 ? 0 : (double) errored / finished;
  }

  Share plus(Share more) {
    return new Share(errored + more.errored, finished + more.finished);
  }

  Share plus(EndedMinute more) {
    return new Share(errored + more.getErrored(), finished + more.getFinished());
  }
}
