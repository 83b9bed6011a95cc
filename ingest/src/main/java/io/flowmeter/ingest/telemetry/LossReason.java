package io.flowmeter.ingest.telemetry;

/** Why an ended run that is known is never fetched. */
public enum LossReason {
  /** The budget could not suffice, and it was not drawn. */
  SAMPLED_OUT,
  /** A new life replaced it before its detail was fetched. */
  RESTARTED,
  /** It was gone before its detail was fetched. */
  VANISHED
}
