package io.flowmeter.schemas;

import io.flowmeter.schemas.rollup.CollectorMinute;

/**
 * The key of a record in {@link Topics#COLLECTOR_MINUTES}: one for each row, because a record
 * replaces the one before with the same key.
 */
public final class CollectorMinuteKey {

  private CollectorMinuteKey() {}

  /** Account, minute and process, with slashes between them. */
  public static String of(CollectorMinute minute) {
    return minute.getAccountId() + "/" + minute.getMinute() + "/" + minute.getProcess();
  }
}
