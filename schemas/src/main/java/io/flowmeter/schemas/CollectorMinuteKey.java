package io.flowmeter.schemas;

import io.flowmeter.schemas.rollup.CollectorMinute;

/**
 * The key of a record in {@link Topics#COLLECTOR_MINUTES}. Each row has its own key, because a
 * record replaces the previous one with the same key.
 */
public final class CollectorMinuteKey {

  private CollectorMinuteKey() {}

  /** Returns account, minute and process, separated by slashes. */
  public static String of(CollectorMinute minute) {
    return minute.getAccountId() + "/" + minute.getMinute() + "/" + minute.getProcess();
  }
}
