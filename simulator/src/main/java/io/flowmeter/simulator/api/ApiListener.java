package io.flowmeter.simulator.api;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.Map;

/**
 * Hears what the API really delivered: answers of status 200, whole and as they were meant. What
 * was cut off, reset, garbled, edited or never sent is not told.
 *
 * <p>All of one answer is told by one thread without a break, before its reader can have its last
 * byte. Answers to several readers are told in the order in which they left, so that {@code at} can
 * go back a little from one answer to the next.
 *
 * <p>A workflow is named by its place in the fleet's list of models; those that callers made follow
 * after them. {@code at} is the moment by the API's own clock as of which all of the answer holds.
 */
public interface ApiListener {
  /** Nobody listens. */
  ApiListener NONE = new ApiListener() {};

  /**
   * A row of a list of instances.
   *
   * @param instance with all its lives, past and to come
   * @param shown the newest life as the row told it
   */
  default void row(int workflow, Instance instance, SimulatedRun shown, Instant at) {}

  /**
   * The detail of an instance.
   *
   * @param instance with all its lives, past and to come
   * @param shown the newest life as the detail told it
   * @param whole whether the steps were in it ({@code simple=true} leaves them out)
   */
  default void detail(
      int workflow, Instance instance, SimulatedRun shown, Instant at, boolean whole) {}

  /**
   * A workflow, alone or as a row of the list of workflows.
   *
   * @param counts the number of instances in each status, as told
   */
  default void workflow(int workflow, Map<SimulatedStatus, Integer> counts, Instant at) {}

  /** A version of a workflow, alone or as a row of the list of versions. */
  default void version(int workflow, Version version, Instant at) {}
}
