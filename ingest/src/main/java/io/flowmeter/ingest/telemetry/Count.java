package io.flowmeter.ingest.telemetry;

/** What is counted in each minute: columns of relation `collector_minutes`. */
enum Count {
  REQUESTS,
  REJECTED_429,
  FAILED,
  KNOWN,
  FETCHED,
  LOST_SAMPLED_OUT,
  LOST_RESTARTED,
  LOST_VANISHED,
  SKIPPED_ROWS;

  /** It is counted with what is told, and committed with it, too. */
  boolean isOfPublished() {
    return switch (this) {
      case KNOWN, FETCHED, LOST_SAMPLED_OUT, LOST_RESTARTED, LOST_VANISHED -> true;
      case REQUESTS, REJECTED_429, FAILED, SKIPPED_ROWS -> false;
    };
  }

  static Count of(LossReason loss) {
    return switch (loss) {
      case SAMPLED_OUT -> LOST_SAMPLED_OUT;
      case RESTARTED -> LOST_RESTARTED;
      case VANISHED -> LOST_VANISHED;
    };
  }
}
