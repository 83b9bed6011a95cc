package io.flowmeter.verify.relation;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A relation of the database `flowmeter`: its key, and the columns that are held against what is
 * expected of them.
 */
public enum Relation {
  INSTANCES(
      "account_id workflow instance_id run",
      "is_newest version_id trigger_source status queued_at started_at ended_at end_kind reopened"
          + " queue_ms run_ms total_ms active_ms sleep_ms event_wait_ms lost_ms paused_ms step_count"
          + " attempts retries failed_step error_name error_message error_group current_step current_type"
          + " current_since current_attempt weight detail_at observed_at inserted_at"),
  ERROR_GROUPS(
      "account_id error_group",
      "workflow step error_name message_pattern first_seen last_seen runs versions"
          + " sample_instance_id"),
  TRANSITIONS(
      "account_id workflow instance_id run seq",
      "from_status to_status at at_is_exact not_before previous_ms"),
  STEP_RUNS(
      "account_id workflow instance_id run step_index",
      "step step_name type outcome started_at ended_at wall_ms attempt_ms backoff_ms attempts"
          + " retries retry_limit backoff timeout_ms error_name error_message error_group version_id weight"
          + " first_attempt_ok failed_attempts lost_ms inserted_at"),
  STEP_ATTEMPTS(
      "account_id workflow instance_id run step_index attempt",
      "step type version_id started_at ended_at success duration_ms backoff_before_ms error_name"
          + " error_message weight"),
  WORKFLOW_MINUTES(
      "account_id workflow version_id trigger_source minute",
      "queued started completed errored terminated sampled attempts retries lost_ms run_ms_sum"
          + " queue_buckets run_buckets total_buckets"),
  STEP_MINUTES(
      "account_id workflow version_id step type minute",
      "runs succeeded failed timed_out unfinished first_attempt_ok recovered exhausted attempts"
          + " failed_attempts retries lost_ms wall_ms_sum wall_ms_max attempt_ms_sum"
          + " backoff_ms_sum sampled wall_buckets attempt_buckets"),
  ERROR_SPIKES(
      "account_id workflow opened_at",
      "closed_at errored finished observed_share baseline_share score"),
  STATUS_COUNTS("account_id workflow status minute", "count reported drift"),
  STATUS_COUNTS_NOW("account_id workflow status", "count reported drift as_of"),
  WORKFLOWS(
      "account_id workflow",
      "workflow_id class_name script_name created_at modified_at triggered_at deleted_at"
          + " observed_at"),
  VERSIONS(
      "account_id workflow version_id", "created_at class_name has_dag step_limit observed_at"),
  COLLECTOR_MINUTES(
      "account_id minute",
      "requests rejected_429 failed budget_left known fetched lost_sampled_out lost_restarted"
          + " lost_vanished skipped_rows late_ignored dead_letters"),
  WORKFLOW_HOURS(WORKFLOW_MINUTES, "hour", Duration.ofHours(1)),
  STEP_HOURS(STEP_MINUTES, "hour", Duration.ofHours(1));

  private final List<String> key;
  private final List<String> columns;
  private final Optional<Stretches> intervals;

  /**
   * What a relation sums.
   *
   * @param minutes the relation that it sums
   * @param column its own column of time
   * @param length how long each stretch is
   */
  public record Stretches(Relation minutes, String column, Duration length) {}

  Relation(String key, String columns) {
    this.key = List.of(key.split(" "));
    this.columns = List.of(columns.split(" "));
    this.intervals = Optional.empty();
  }

  /** Sums of minutes over longer stretches of time. */
  Relation(Relation minutes, String column, Duration length) {
    this.key = minutes.key.stream().map(each -> each.equals("minute") ? column : each).toList();
    this.columns = minutes.columns.stream().filter(each -> !each.equals("wall_ms_max")).toList();
    this.intervals = Optional.of(new Stretches(minutes, column, length));
  }

  /** The name in SQL. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public List<String> key() {
    return key;
  }

  /** Those that are not part of the key. */
  public List<String> columns() {
    return columns;
  }

  /** Whether each of its rows is of one workflow. */
  public boolean isOfWorkflows() {
    return key.contains("workflow") || columns.contains("workflow");
  }

  /** What it sums, where it does. */
  public Optional<Stretches> intervals() {
    return intervals;
  }

  /** All rows, times as epoch milliseconds. Of sums there may be several of a key. */
  public String select() {
    return Stream.concat(key.stream(), columns.stream())
        .map(Relation::expression)
        .collect(Collectors.joining(", ", "SELECT ", " FROM " + sqlName()));
  }

  private static String expression(String column) {
    if (column.equals("minute") || column.equals("hour")) {
      return "toInt64(toUnixTimestamp(%s)) * 1000 AS %s_ms".formatted(column, column);
    }
    boolean time =
        column.endsWith("_at")
            || column.endsWith("_since")
            || column.endsWith("_seen")
            || column.equals("at")
            || column.equals("as_of")
            || column.equals("not_before");
    return time ? "toUnixTimestamp64Milli(%s) AS %s_ms".formatted(column, column) : column;
  }
}
