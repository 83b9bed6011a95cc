package io.flowmeter.ingest.telemetry;

/** What became of a request. */
public enum Outcome {
  /** It told what it was asked for. */
  OK,
  /** 404. With a code of the API it tells something, too: that a thing is not there. */
  NOT_FOUND,
  /** 429. */
  RATE_LIMITED,
  /** 401 or 403. */
  REFUSED,
  /** No connection, one that broke, another status, or an envelope without a result. */
  FAILED,
  /** It, or the rest of its body, did not come in time. */
  TIMED_OUT,
  /** Not JSON, JSON that breaks its own rules, or not of the kind asked for. */
  MALFORMED
}
