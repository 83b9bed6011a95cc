package io.flowmeter.schemas;

import io.flowmeter.schemas.Topic.Keeping;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.rollup.CollectorMinute;
import io.flowmeter.schemas.rollup.StatusCount;
import io.flowmeter.schemas.rollup.StatusCountNow;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.StreamMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import java.time.Duration;
import java.util.List;

/** The list of topics, from the poller to the tables. */
public final class Topics {

  /**
   * Retention of observations. It exceeds the longest retention of the API, 30 days, so that runs
   * can be recomputed.
   */
  private static final Keeping OBSERVED = new Keeping.For(Duration.ofDays(35));

  /**
   * Retention of facts, which only wait for the writer. ClickHouse keeps them as long as
   * configured.
   */
  private static final Keeping DERIVED = new Keeping.For(Duration.ofDays(7));

  private static final Keeping LATEST = new Keeping.Latest();

  public static final Topic<Observation> OBSERVATIONS =
      new Topic<>("observations", Observation.class, OBSERVED);
  public static final Topic<Checkpoint> CHECKPOINTS =
      new Topic<>("checkpoints", Checkpoint.class, LATEST);

  public static final Topic<Workflow> WORKFLOWS = new Topic<>("workflows", Workflow.class, LATEST);
  public static final Topic<Version> VERSIONS = new Topic<>("versions", Version.class, LATEST);

  public static final Topic<Instance> INSTANCES = new Topic<>("instances", Instance.class, DERIVED);
  public static final Topic<Transition> TRANSITIONS =
      new Topic<>("transitions", Transition.class, DERIVED);
  public static final Topic<StepRun> STEP_RUNS = new Topic<>("step_runs", StepRun.class, DERIVED);
  public static final Topic<StepAttempt> STEP_ATTEMPTS =
      new Topic<>("step_attempts", StepAttempt.class, DERIVED);

  /** Kept longer than other facts, because alerting tools may read it too. */
  public static final Topic<ErrorSpike> ERROR_SPIKES =
      new Topic<>("error_spikes", ErrorSpike.class, OBSERVED);

  public static final Topic<StatusCount> STATUS_COUNTS =
      new Topic<>("status_counts", StatusCount.class, DERIVED);
  public static final Topic<StatusCountNow> STATUS_COUNTS_NOW =
      new Topic<>("status_counts_now", StatusCountNow.class, LATEST);
  public static final Topic<WorkflowMinute> WORKFLOW_MINUTES =
      new Topic<>("workflow_minutes", WorkflowMinute.class, DERIVED);
  public static final Topic<StepMinute> STEP_MINUTES =
      new Topic<>("step_minutes", StepMinute.class, DERIVED);

  /** Counts of what ingest and stream did, per minute. */
  public static final Topic<CollectorMinute> COLLECTOR_MINUTES =
      new Topic<>("collector_minutes", CollectorMinute.class, DERIVED);

  /** State of the topology and the writer, per minute. */
  public static final Topic<StreamMinute> STREAM_MINUTES =
      new Topic<>("stream_minutes", StreamMinute.class, DERIVED);

  /**
   * An empty topic with one partition. Kafka's consumer group protocol assigns the partition to the
   * leader among the pollers of an account.
   */
  public static final String LEAD = Topic.PREFIX + "lead";

  /** The active generation of the topology's state: one partition, one key, the latest value. */
  public static final String GENERATIONS = Topic.PREFIX + "generations";

  /** Unchanged records that could not be processed, with their cause in the headers. */
  public static final String DEAD_LETTERS = Topic.PREFIX + "dead_letters";

  /**
   * The replay progress of dead letters: one partition, and the latest value for each partition of
   * the dead-letter queue.
   */
  public static final String REPLAYS = Topic.PREFIX + "replays";

  /** Observations that a rebuild could not process. */
  public static final String SCRATCH_DEAD_LETTERS = Topic.SCRATCH_PREFIX + "dead_letters";

  /** The topics that the poller writes: observations, checkpoints, workflows and versions. */
  public static final List<Topic<?>> OF_INGEST =
      List.of(OBSERVATIONS, CHECKPOINTS, WORKFLOWS, VERSIONS);

  /** The topics that are written into ClickHouse. Each topic is a relation. */
  public static final List<Topic<?>> OF_RELATIONS =
      List.of(
          WORKFLOWS,
          VERSIONS,
          INSTANCES,
          TRANSITIONS,
          STEP_RUNS,
          STEP_ATTEMPTS,
          STATUS_COUNTS,
          STATUS_COUNTS_NOW,
          WORKFLOW_MINUTES,
          STEP_MINUTES,
          ERROR_SPIKES,
          COLLECTOR_MINUTES,
          STREAM_MINUTES);

  /**
   * The topics that depend only on runs. A rebuild recomputes them from observations. All other
   * topics describe a moment, or come from ingest.
   */
  public static final List<Topic<?>> OF_RUNS =
      List.of(INSTANCES, TRANSITIONS, STEP_RUNS, STEP_ATTEMPTS, WORKFLOW_MINUTES, STEP_MINUTES);

  /** Every topic with a schema, in the order in which schemas are registered. */
  public static final List<Topic<?>> ALL =
      List.of(
          OBSERVATIONS,
          CHECKPOINTS,
          WORKFLOWS,
          VERSIONS,
          INSTANCES,
          TRANSITIONS,
          STEP_RUNS,
          STEP_ATTEMPTS,
          STATUS_COUNTS,
          STATUS_COUNTS_NOW,
          WORKFLOW_MINUTES,
          STEP_MINUTES,
          ERROR_SPIKES,
          COLLECTOR_MINUTES,
          STREAM_MINUTES);

  private Topics() {}
}
