package io.flowmeter.streams.run;

import java.util.Set;

/** Which statuses end a run. A status not yet known does not: it is carried through as live. */
public final class Status {
  public static final String QUEUED = "queued";
  public static final String RUNNING = "running";
  public static final String PAUSED = "paused";
  public static final String COMPLETE = "complete";
  public static final String ERRORED = "errored";
  public static final String TERMINATED = "terminated";

  private static final Set<String> TERMINAL = Set.of(COMPLETE, ERRORED, TERMINATED);

  private Status() {}

  public static boolean isTerminal(String status) {
    return TERMINAL.contains(status);
  }
}
