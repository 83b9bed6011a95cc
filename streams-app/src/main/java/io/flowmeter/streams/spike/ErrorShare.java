package io.flowmeter.streams.spike;

import io.flowmeter.schemas.state.EndedMinute;

/** So many of so many runs errored. */
record ErrorShare(long errored, long finished) {
  static final ErrorShare NONE = new ErrorShare(0, 0);

  double share() {
    return finished == 0 ? 0 : (double) errored / finished;
  }

  ErrorShare plus(ErrorShare more) {
    return new ErrorShare(errored + more.errored, finished + more.finished);
  }

  ErrorShare plus(EndedMinute more) {
    return new ErrorShare(errored + more.getErrored(), finished + more.getFinished());
  }
}
