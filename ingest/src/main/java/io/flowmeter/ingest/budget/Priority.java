package io.flowmeter.ingest.budget;

/** Whether a request may use what is kept for what cannot wait. */
public enum Priority {
  /** Waits for its turn. */
  USUAL,
  /** What an errored run tells: goes at once where a burst is left. */
  URGENT
}
