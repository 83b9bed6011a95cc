package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.TriggerSource;
import java.util.List;

/**
 * What is typical of a workflow.
 *
 * @param name as in the API's paths
 * @param rhythm how often it is created
 * @param triggers who creates its instances; one of these, all equally often
 * @param ids how its instances are named
 * @param queue how long an instance waits for its slot
 * @param interventions how often people step in
 * @param hasDag whether its versions carry a graph
 */
public record WorkflowModel(
    String name,
    String className,
    String scriptName,
    Rhythm rhythm,
    List<TriggerSource> triggers,
    IdStyle ids,
    Queue queue,
    Interventions interventions,
    boolean hasDag,
    WorkflowCode code) {

  /** The same code, deployed as this class of this script. */
  WorkflowModel called(String otherClass, String otherScript) {
    return new WorkflowModel(
        name, otherClass, otherScript, rhythm, triggers, ids, queue, interventions, hasDag, code);
  }

  /** The same workflow with another share of the fleet's traffic. */
  public WorkflowModel withShare(double share) {
    return new WorkflowModel(
        name,
        className,
        scriptName,
        new Rhythm.Share(share),
        triggers,
        ids,
        queue,
        interventions,
        hasDag,
        code);
  }

  /** How often instances are created. */
  public sealed interface Rhythm {

    /**
     * At random.
     *
     * @param share of the fleet's whole traffic, 0 to 1
     */
    record Share(double share) implements Rhythm {}

    /**
     * By a schedule.
     *
     * @param expression as configured; becomes part of the ids
     * @param minutes its period
     */
    record Cron(String expression, int minutes) implements Rhythm {}
  }

  /** How instances are named. */
  public enum IdStyle {
    /** The platform chose: a UUID. */
    UUID,
    /** The caller chose: a key of its business. */
    BUSINESS_KEY,
    /**
     * Made from a schedule: spaces, {@code *}, {@code /}, {@code #}, commas; up to 271 characters.
     */
    CRON
  }

  /**
   * Time from queued to start, log-normal.
   *
   * @param medianMs milliseconds
   * @param sigma how heavy the tail is
   */
  public record Queue(double medianMs, double sigma) {}

  /**
   * Probabilities that someone terminates, pauses or restarts an instance.
   *
   * @param restarted probability of a further life, up to three lives in all
   * @param reopened probability that an ended life is restarted from one of its steps, up to twice
   */
  public record Interventions(
      double terminated, double paused, double restarted, double reopened) {}
}
