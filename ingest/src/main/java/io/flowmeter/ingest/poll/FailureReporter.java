package io.flowmeter.ingest.poll;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What does not work is told of once, and once when it works again, however often it is tried
 * meanwhile.
 */
final class FailureReporter {
  private static final Logger LOG = LoggerFactory.getLogger(FailureReporter.class);

  private boolean lasts;

  void failed(String problem) {
    if (lasts) {
      LOG.debug("{}", problem);
    } else {
      LOG.atWarn().addKeyValue("event", "source_failing").log("{}", problem);
    }
    lasts = true;
  }

  void over(String relief) {
    if (lasts) {
      LOG.atInfo().addKeyValue("event", "source_recovered").log("{}", relief);
    }
    lasts = false;
  }
}
