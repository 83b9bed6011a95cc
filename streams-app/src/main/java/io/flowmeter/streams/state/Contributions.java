package io.flowmeter.streams.state;

import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import java.util.List;

/**
 * What a run put into rollups: at most one row a key, their part and revision 0. Kept of runs that
 * ended, so that one that is re-opened takes back what it gave, and not what a later version of the
 * derivation would have given.
 */
public record Contributions(List<WorkflowMinute> workflowMinutes, List<StepMinute> stepMinutes) {
  /** Of a run of which nothing is known. */
  public static final Contributions NONE = new Contributions(List.of(), List.of());

  public boolean isEmpty() {
    return size() == 0;
  }

  /** Rows. */
  public int size() {
    return workflowMinutes.size() + stepMinutes.size();
  }
}
