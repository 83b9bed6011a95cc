package io.flowmeter.ingest;

/** Hears of what its owner must know at once. Called from the poller's own threads: be brief. */
public interface IngestListener {
  /** Hears nothing. */
  IngestListener NONE = cause -> {};

  /** Nothing can be told to Kafka any more; the poller has stopped. */
  void failed(Throwable cause);
}
