package io.flowmeter.ingest.poll;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that does not answer is told of once, and once when it answers again. Used by one
 * thread.
 */
final class Outage {
  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  private String last = "";

  void told(String problem) {
    if (!problem.equals(last)) {
      LOG.warn("{}", problem);
    }
    last = problem;
  }

  void over() {
    if (!last.isEmpty()) {
      LOG.info("the source answers again");
    }
    last = "";
  }
}
