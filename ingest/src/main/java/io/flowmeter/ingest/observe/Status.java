package io.flowmeter.ingest.observe;

import java.util.Set;

/**
 * What a status says of a run. Statuses not known are live: one that has ended says so in a word of
 * its own.
 */
public final class Status {
  private static final Set<String> TERMINAL = Set.of("complete", "errored", "terminated");

  private Status() {}

  public static boolean ended(String status) {
    return TERMINAL.contains(status);
  }
}
