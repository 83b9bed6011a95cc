package io.flowmeter.sql;

import static java.util.Map.entry;

import java.util.Map;

/** The contract of each relation. */
final class RelationColumns {
  /** The columns that queries may rely on, key columns first. */
  static final Map<String, String> CONTRACT =
      Map.ofEntries(
          entry(
              "workflows",
              "account_id, workflow, workflow_id, class_name, script_name, created_at, modified_at, triggered_at,"
                  + " deleted_at, observed_at"),
          entry(
              "versions",
              "account_id, workflow, version_id, created_at, class_name, has_dag, step_limit"),
          entry(
              "instances",
              "account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at,"
                  + " started_at, ended_at, end_kind, reopened, queue_ms, run_ms, total_ms, active_ms, sleep_ms,"
                  + " event_wait_ms, lost_ms, paused_ms, step_count, attempts, retries, failed_step, error_name,"
                  + " error_message, error_group, current_step, current_type, current_since, current_attempt, weight,"
                  + " detail_at, observed_at, inserted_at"),
          entry(
              "transitions",
              "account_id, workflow, instance_id, run, seq, from_status, to_status, at, at_is_exact, not_before,"
                  + " previous_ms"),
          entry(
              "step_runs",
              "account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at,"
                  + " wall_ms, attempt_ms, backoff_ms, attempts, retries, retry_limit, backoff, timeout_ms, error_name,"
                  + " error_message, error_group, version_id, weight, inserted_at, first_attempt_ok, failed_attempts,"
                  + " lost_ms"),
          entry(
              "step_attempts",
              "account_id, workflow, instance_id, run, step_index, attempt, step, type, version_id, started_at, ended_at,"
                  + " success, duration_ms, backoff_before_ms, error_name, error_message, weight"),
          entry(
              "error_groups",
              "account_id, error_group, workflow, step, error_name, message_pattern, first_seen, last_seen, runs,"
                  + " versions, sample_instance_id, sample_run"),
          entry(
              "error_spikes",
              "account_id, workflow, opened_at, closed_at, errored, finished, observed_share,"
                  + " baseline_share, score, error_groups"),
          entry("status_counts", "account_id, workflow, status, minute, count, reported, drift"),
          entry(
              "status_counts_now",
              "account_id, workflow, status, count, reported, drift, drift_sweeps, as_of"),
          entry(
              "workflow_minutes",
              "account_id, workflow, version_id, trigger_source, minute, queued, started, completed, errored, terminated,"
                  + " sampled, attempts, retries, lost_ms, run_ms_sum, queue_buckets, run_buckets, total_buckets"),
          entry(
              "step_minutes",
              "account_id, workflow, version_id, step, type, minute, runs, succeeded, failed, timed_out, unfinished,"
                  + " first_attempt_ok, recovered, exhausted, attempts, failed_attempts, retries, lost_ms, wall_ms_sum,"
                  + " wall_ms_max, attempt_ms_sum, backoff_ms_sum, sampled, wall_buckets, attempt_buckets"),
          entry(
              "workflow_hours",
              "account_id, workflow, version_id, trigger_source, hour, queued, started, completed, errored, terminated,"
                  + " sampled, attempts, retries, lost_ms, run_ms_sum, queue_buckets, run_buckets, total_buckets"),
          entry(
              "step_hours",
              "account_id, workflow, version_id, step, type, hour, runs, succeeded, failed, timed_out, unfinished,"
                  + " first_attempt_ok, recovered, exhausted, attempts, failed_attempts, retries, lost_ms, wall_ms_sum,"
                  + " attempt_ms_sum, backoff_ms_sum, sampled, wall_buckets, attempt_buckets"),
          entry(
              "workflow_minute_parts",
              "account_id, workflow, version_id, trigger_source, minute, queued, started, completed, errored, terminated,"
                  + " sampled, attempts, retries, lost_ms, run_ms_sum, queue_buckets, run_buckets, total_buckets"),
          entry(
              "step_minute_parts",
              "account_id, workflow, version_id, step, type, minute, runs, succeeded, failed, timed_out, unfinished,"
                  + " first_attempt_ok, recovered, exhausted, attempts, failed_attempts, retries, lost_ms, wall_ms_sum,"
                  + " attempt_ms_sum, backoff_ms_sum, sampled, wall_buckets, attempt_buckets"),
          entry(
              "collector_minutes",
              "account_id, minute, requests, rejected_429, failed, budget_left, known, fetched, lost_sampled_out,"
                  + " lost_restarted, lost_vanished, skipped_rows, late_ignored, dead_letters"),
          entry(
              "stream_minutes",
              "minute, processes, topology_lag, writer_lag, rows_written, failures, store_bytes, store_entries"),
          entry("settings", "running_limit, success_objective"),
          entry(
              "bad_run_rates",
              "account_id, workflow, rate_5m, rate_30m, rate_1h, rate_6h, bad_1h, bad_6h"),
          entry(
              "stuck_runs",
              "account_id, workflow, instance_id, run, status, step, type, attempt, since, detail_at, in_step_ms,"
                  + " p99_ms"),
          entry(
              "retrying_runs",
              "account_id, workflow, instance_id, run, status, step, attempt, allowed, since, detail_at"),
          entry("judged_versions", "account_id, workflow, version_id, deployed_at"));

  private RelationColumns() {}
}
