package io.flowmeter.ingest.source;

import java.util.concurrent.atomic.LongAdder;

/** What became of the requests to a source since the start. Safe for use by many threads. */
public final class RequestCounts {
  private final LongAdder requests = new LongAdder();
  private final LongAdder rateLimited = new LongAdder();
  private final LongAdder failed = new LongAdder();

  void asked() {
    requests.increment();
  }

  void failed(Fault fault) {
    if (fault instanceof Fault.RateLimited) {
      rateLimited.increment();
    } else if (!(fault instanceof Fault.NotFound)) {
      failed.increment();
    }
  }

  /** Requests that left, repeated ones too. */
  public long requests() {
    return requests.sum();
  }

  /** Requests that were answered with 429. */
  public long rateLimited() {
    return rateLimited.sum();
  }

  /** Requests that told nothing for another reason; that a thing is not there tells something. */
  public long failed() {
    return failed.sum();
  }
}
