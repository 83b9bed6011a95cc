package io.flowmeter.ingest.observe;

import java.util.Set;

/**
 * What a status says of a run. Statuses not known are live: one that has ended says so in a word of
 * its own.
 */
public final class Status {
  private static final Set<String> TERMINAL = Set.of("complete", "errored", "terminated");

  private Status() {}

  /**
   * It has yet to begin, or to go on; whatever start its row still tells may be of a run before.
   */
  public static boolean queued(String status) {
    return status.equals("queued");
  }

  public static boolean ended(String status) {
    return TERMINAL.contains(status);
  }
}
