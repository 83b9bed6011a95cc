-- The relations that people query: exactly one row a key, without FINAL or tricks on the reader's side. A row is gone
-- at the moment its retention ends, not when a merge gets round to it, so that no older revision shows meanwhile.

-- Where a condition has an OR, ClickHouse 26.7 puts the answers of several indexes together wrongly, and loses rows: as of
-- `toDate(…) = … AND ('' = 'any' OR ended_at > …)` all of them (its issue 119528). So a relation that has indexes asks them for what
-- is joined by AND only, whoever reads it.

-- What follows from other columns is stored as the difference from them (V001__facts.sql), and added up here.

CREATE OR REPLACE VIEW instances AS
SELECT account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status,
       queued_at, started_at, ended_at, end_kind, reopened,
       queue_ms, run_ms, total_ms, active_ms, sleep_ms, event_wait_ms, lost_ms, paused_ms,
       step_count, attempts, retries, failed_step, error_name, error_message, error_group,
       current_step, current_type, current_since, current_attempt,
       weight, detail_at, observed_at, inserted_at
FROM instances_rows FINAL
WHERE run >= toUnixTimestamp64Milli(now64(3) - INTERVAL ${facts_retention})
SETTINGS use_skip_indexes_for_disjunctions = 0;

CREATE OR REPLACE VIEW transitions AS
SELECT account_id, workflow, instance_id, run, seq,
       from_status, to_status, at, at_is_exact, not_before, previous_ms
FROM transitions_rows FINAL
WHERE run >= toUnixTimestamp64Milli(now64(3) - INTERVAL ${facts_retention})
SETTINGS use_skip_indexes_for_disjunctions = 0;

CREATE OR REPLACE VIEW step_runs AS
SELECT account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome,
       started_at, ended_at,
       ifNull(dateDiff('millisecond', started_at, ended_at), 0) + wall_ms_off AS wall_ms,
       ifNull(ifNull(dateDiff('millisecond', started_at, ended_at), 0) + wall_ms_off, 0) - ifNull(backoff_ms, 0)
           + attempt_ms_off AS attempt_ms,
       backoff_ms, attempts, retries, retry_limit, backoff, timeout_ms,
       error_name, error_message, error_group, version_id, weight,
       first_attempt_ok, failed_attempts, lost_ms, inserted_at
FROM step_runs_rows FINAL
WHERE run >= toUnixTimestamp64Milli(now64(3) - INTERVAL ${facts_retention})
SETTINGS use_skip_indexes_for_disjunctions = 0;

CREATE OR REPLACE VIEW step_attempts AS
SELECT account_id, workflow, instance_id, run, step_index, attempt, step, type, version_id,
       started_at, ended_at, success,
       ifNull(dateDiff('millisecond', started_at, ended_at), 0) + duration_ms_off AS duration_ms,
       backoff_before_ms, error_name, error_message, weight
FROM step_attempts_rows FINAL
WHERE run >= toUnixTimestamp64Milli(now64(3) - INTERVAL ${facts_retention})
SETTINGS use_skip_indexes_for_disjunctions = 0;

-- Errored runs are never sampled, so that they count exactly. One that was superseded has no weight, but had the error. A group is of
-- one workflow, which makes the group's hash; it is grouped by besides, so that who asks for one workflow reads that one's runs.

CREATE OR REPLACE VIEW error_groups AS
SELECT account_id,
       assumeNotNull(r.error_group) AS error_group,
       workflow,
       any(assumeNotNull(r.failed_step)) AS step,
       any(assumeNotNull(r.error_name)) AS error_name,
       any(assumeNotNull(r.error_pattern)) AS message_pattern,
       min(ifNull(r.ended_at, r.observed_at)) AS first_seen,
       max(ifNull(r.ended_at, r.observed_at)) AS last_seen,
       sum(greatest(r.weight, 1)) AS runs,
       arraySort(groupUniqArray(toString(r.version_id))) AS versions,
       argMax(r.instance_id, (ifNull(r.ended_at, r.observed_at), r.instance_id, r.run)) AS sample_instance_id,
       argMax(r.run, (ifNull(r.ended_at, r.observed_at), r.instance_id, r.run)) AS sample_run
FROM instances_rows AS r FINAL
WHERE r.run >= toUnixTimestamp64Milli(now64(3) - INTERVAL ${facts_retention})
  AND r.error_group IS NOT NULL AND r.end_kind != ''
GROUP BY account_id, workflow, r.error_group
SETTINGS use_skip_indexes_for_disjunctions = 0;

CREATE OR REPLACE VIEW status_counts AS
SELECT account_id, workflow, status, minute, count, reported, drift
FROM status_counts_rows FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention};

-- A sweep writes the rows that it changed, or one row if it changed none. So the latest time of a workflow's rows is that of all.

CREATE OR REPLACE VIEW status_counts_now AS
SELECT account_id, workflow, status, count, reported, drift, drift_sweeps, max(r.as_of) OVER (PARTITION BY account_id, workflow) AS as_of
FROM status_counts_now_rows AS r FINAL;

-- A spike closes when a sweep ends, and of a workflow that was deleted none does any more: its spike is over with the minute in
-- which it was gone. Which ones are gone is one value, since a cluster would send a join from node to node.

CREATE OR REPLACE VIEW error_spikes AS
WITH (SELECT groupArray((account_id, workflow, assumeNotNull(deleted_at))) FROM workflows_rows FINAL WHERE deleted_at IS NOT NULL) AS gone
SELECT account_id, workflow, opened_at,
       coalesce(
           r.closed_at,
           arrayMap(
               w -> toNullable(greatest(toDateTime64(toStartOfMinute(w.3), 3, 'UTC'), opened_at) + INTERVAL 1 MINUTE),
               arrayFilter(w -> w.1 = account_id AND w.2 = workflow, gone))[1]) AS closed_at,
       errored, finished, observed_share, baseline_share, score, error_groups
FROM error_spikes_rows AS r FINAL
WHERE opened_at >= now64(3, 'UTC') - INTERVAL ${facts_retention};

CREATE OR REPLACE VIEW workflows AS
SELECT account_id, workflow, workflow_id, class_name, script_name,
       created_at, modified_at, triggered_at, deleted_at, observed_at
FROM workflows_rows FINAL;

CREATE OR REPLACE VIEW versions AS
SELECT account_id, workflow, version_id, created_at, class_name, has_dag, step_limit,
       modified_at, language, observed_at
FROM versions_rows FINAL;

-- A minute whose parts take back all that they told is no row: a recount of the facts would not show one either. Counts
-- decide it and not buckets, which are costly to read and hold nothing where nothing was counted.

CREATE OR REPLACE VIEW workflow_minutes AS
SELECT account_id, workflow, version_id, trigger_source, minute,
       sum(r.queued) AS queued,
       sum(r.started) AS started,
       sum(r.completed) AS completed,
       sum(r.errored) AS errored,
       sum(r.terminated) AS terminated,
       sum(r.sampled) AS sampled,
       sum(r.attempts) AS attempts,
       sum(r.retries) AS retries,
       sum(r.lost_ms) AS lost_ms,
       sum(r.run_ms_sum) AS run_ms_sum,
       mapFilter((bucket, n) -> n != 0, sumMap(r.queue_buckets)) AS queue_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.run_buckets)) AS run_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.total_buckets)) AS total_buckets
FROM workflow_minutes_rows AS r FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention}
GROUP BY account_id, workflow, version_id, trigger_source, minute
HAVING queued != 0 OR started != 0 OR completed != 0 OR errored != 0 OR terminated != 0 OR sampled != 0
    OR attempts != 0 OR retries != 0 OR lost_ms != 0 OR run_ms_sum != 0;

CREATE OR REPLACE VIEW step_minutes AS
SELECT account_id, workflow, version_id, step, type, minute,
       sum(r.runs) AS runs,
       sum(r.succeeded) AS succeeded,
       sum(r.failed) AS failed,
       sum(r.timed_out) AS timed_out,
       sum(r.unfinished) AS unfinished,
       sum(r.first_attempt_ok) AS first_attempt_ok,
       sum(r.recovered) AS recovered,
       sum(r.exhausted) AS exhausted,
       sum(r.attempts) AS attempts,
       sum(r.failed_attempts) AS failed_attempts,
       sum(r.retries) AS retries,
       sum(r.lost_ms) AS lost_ms,
       sum(r.wall_ms_sum) AS wall_ms_sum,
       if(notEmpty(wall_buckets), flowmeter_bucket_upper_ms(arrayMax(mapKeys(wall_buckets))), NULL) AS wall_ms_max,
       sum(r.wall_ms_sum - r.backoff_ms_sum + r.attempt_ms_off) AS attempt_ms_sum,
       sum(r.backoff_ms_sum) AS backoff_ms_sum,
       sum(r.sampled) AS sampled,
       mapFilter((bucket, n) -> n != 0, sumMap(r.wall_buckets)) AS wall_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(if(r.attempts_as_walls, r.wall_buckets, r.other_attempt_buckets))) AS attempt_buckets
FROM step_minutes_rows AS r FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention}
GROUP BY account_id, workflow, version_id, step, type, minute
HAVING runs != 0 OR sampled != 0 OR attempts != 0 OR retries != 0 OR lost_ms != 0 OR wall_ms_sum != 0;

-- The same minutes before their parts are summed: what only adds over a range of them has no need of a sum for each minute
-- first, which is most of the work. A part may take back what another told, so that it is not to be read as a count.

CREATE OR REPLACE VIEW workflow_minute_parts AS
SELECT account_id, workflow, version_id, trigger_source, minute,
       queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
       queue_buckets, run_buckets, total_buckets
FROM workflow_minutes_rows FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention};

CREATE OR REPLACE VIEW step_minute_parts AS
SELECT account_id, workflow, version_id, step, type, minute,
       runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
       attempts, failed_attempts, retries, lost_ms, wall_ms_sum,
       wall_ms_sum - backoff_ms_sum + attempt_ms_off AS attempt_ms_sum,
       backoff_ms_sum, sampled, wall_buckets,
       if(attempts_as_walls, wall_buckets, other_attempt_buckets) AS attempt_buckets
FROM step_minutes_rows FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention};

-- The same sums by hour. Hours that are over were summed as soon as their minutes came in; of what was not summed yet, and of
-- an hour until twenty minutes after its end, when few more come, the minutes are read, which may be several rows of an hour.
-- What comes in later than that is in its hour a minute later. So sum over them, as over parts of minutes.

CREATE OR REPLACE VIEW workflow_hours AS
WITH (SELECT toStartOfHour(toDateTime(greatest(toInt64(max(whole_until)) - 1200, 0), 'UTC')) FROM sums_rows FINAL WHERE sums = 'workflow_hours') AS summed_until
SELECT account_id, workflow, version_id, trigger_source, hour,
       queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
       queue_buckets, run_buckets, total_buckets
FROM workflow_hours_rows FINAL
WHERE hour < summed_until AND hour >= now('UTC') - INTERVAL ${rollups_retention}
UNION ALL
SELECT account_id, workflow, version_id, trigger_source, toStartOfHour(minute) AS hour,
       queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
       queue_buckets, run_buckets, total_buckets
FROM workflow_minutes_rows FINAL
WHERE minute >= summed_until AND minute >= now('UTC') - INTERVAL ${rollups_retention};

CREATE OR REPLACE VIEW step_hours AS
WITH (SELECT toStartOfHour(toDateTime(greatest(toInt64(max(whole_until)) - 1200, 0), 'UTC')) FROM sums_rows FINAL WHERE sums = 'step_hours') AS summed_until
SELECT account_id, workflow, version_id, step, type, hour,
       runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
       attempts, failed_attempts, retries, lost_ms, wall_ms_sum, attempt_ms_sum, backoff_ms_sum, sampled,
       wall_buckets, mapFilter((bucket, n) -> n != 0, mapAdd(wall_buckets, attempt_buckets_off)) AS attempt_buckets
FROM step_hours_rows FINAL
WHERE hour < summed_until AND hour >= now('UTC') - INTERVAL ${rollups_retention}
UNION ALL
SELECT account_id, workflow, version_id, step, type, toStartOfHour(minute) AS hour,
       runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
       attempts, failed_attempts, retries, lost_ms, wall_ms_sum, wall_ms_sum - backoff_ms_sum + attempt_ms_off AS attempt_ms_sum, backoff_ms_sum, sampled,
       wall_buckets, if(attempts_as_walls, wall_buckets, other_attempt_buckets) AS attempt_buckets
FROM step_minutes_rows FINAL
WHERE minute >= summed_until AND minute >= now('UTC') - INTERVAL ${rollups_retention};

-- Sums over any range, read from as few rows as there are: whole days from days, what is left at the range's ends from hours and
-- minutes. A chart says how many seconds lie between its points, and gets days or hours only where they fit between those; 0
-- is for who wants one sum. So `steps_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0)` has the same sums as
-- step_minutes from that moment on. ClickHouse hands both times over as texts, so they must be of UTC. `at` is the begin of the row's minute, hour or day. Sum over them as over hours; a row's
-- attempt_buckets may tell a bucket twice, for sumMap to add, which spares adding them first.

CREATE OR REPLACE VIEW runs_between AS
WITH toDateTime({since:DateTime('UTC')}, 'UTC') AS from_here,
     toDateTime({until:DateTime('UTC')}, 'UTC') AS to_here,
     (SELECT toStartOfHour(toDateTime(greatest(toInt64(max(whole_until)) - 1200, 0), 'UTC')) FROM sums_rows FINAL WHERE sums = 'workflow_hours') AS hours_until,
     (SELECT toStartOfDay(toDateTime(greatest(toInt64(max(whole_until)) - 1200, 0), 'UTC')) FROM sums_rows FINAL WHERE sums = 'workflow_days') AS days_until,
     if({every:UInt32} % 3600 = 0, toStartOfHour(from_here + INTERVAL 3599 SECOND), to_here) AS first_hour,
     toStartOfHour(least(to_here, hours_until)) AS last_hour,
     if({every:UInt32} % 86400 = 0, toStartOfDay(from_here + INTERVAL 86399 SECOND), to_here) AS first_day,
     toStartOfDay(least(last_hour, days_until)) AS last_day
SELECT account_id, workflow, version_id, trigger_source, day AS at,
       queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
       queue_buckets, run_buckets, total_buckets
FROM workflow_days_rows FINAL
WHERE first_day < last_day AND day >= first_day AND day < last_day AND day >= now('UTC') - INTERVAL ${rollups_retention}
UNION ALL
SELECT account_id, workflow, version_id, trigger_source, hour AS at,
       queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
       queue_buckets, run_buckets, total_buckets
FROM workflow_hours_rows FINAL
WHERE first_hour < last_hour AND hour >= first_hour AND hour < last_hour AND (hour < first_day OR hour >= last_day)
  AND hour >= now('UTC') - INTERVAL ${rollups_retention}
UNION ALL
SELECT account_id, workflow, version_id, trigger_source, minute AS at,
       queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
       queue_buckets, run_buckets, total_buckets
FROM workflow_minutes_rows FINAL
WHERE minute >= from_here AND minute < to_here AND (minute < first_hour OR minute >= last_hour)
  AND minute >= now('UTC') - INTERVAL ${rollups_retention};

CREATE OR REPLACE VIEW steps_between AS
WITH toDateTime({since:DateTime('UTC')}, 'UTC') AS from_here,
     toDateTime({until:DateTime('UTC')}, 'UTC') AS to_here,
     (SELECT toStartOfHour(toDateTime(greatest(toInt64(max(whole_until)) - 1200, 0), 'UTC')) FROM sums_rows FINAL WHERE sums = 'step_hours') AS hours_until,
     (SELECT toStartOfDay(toDateTime(greatest(toInt64(max(whole_until)) - 1200, 0), 'UTC')) FROM sums_rows FINAL WHERE sums = 'step_days') AS days_until,
     if({every:UInt32} % 3600 = 0, toStartOfHour(from_here + INTERVAL 3599 SECOND), to_here) AS first_hour,
     toStartOfHour(least(to_here, hours_until)) AS last_hour,
     if({every:UInt32} % 86400 = 0, toStartOfDay(from_here + INTERVAL 86399 SECOND), to_here) AS first_day,
     toStartOfDay(least(last_hour, days_until)) AS last_day
SELECT account_id, workflow, version_id, step, type, day AS at,
       runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
       attempts, failed_attempts, retries, lost_ms, wall_ms_sum, attempt_ms_sum, backoff_ms_sum, sampled,
       wall_buckets, mapConcat(wall_buckets, attempt_buckets_off) AS attempt_buckets
FROM step_days_rows FINAL
WHERE first_day < last_day AND day >= first_day AND day < last_day AND day >= now('UTC') - INTERVAL ${rollups_retention}
UNION ALL
SELECT account_id, workflow, version_id, step, type, hour AS at,
       runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
       attempts, failed_attempts, retries, lost_ms, wall_ms_sum, attempt_ms_sum, backoff_ms_sum, sampled,
       wall_buckets, mapConcat(wall_buckets, attempt_buckets_off) AS attempt_buckets
FROM step_hours_rows FINAL
WHERE first_hour < last_hour AND hour >= first_hour AND hour < last_hour AND (hour < first_day OR hour >= last_day)
  AND hour >= now('UTC') - INTERVAL ${rollups_retention}
UNION ALL
SELECT account_id, workflow, version_id, step, type, minute AS at,
       runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
       attempts, failed_attempts, retries, lost_ms, wall_ms_sum, wall_ms_sum - backoff_ms_sum + attempt_ms_off AS attempt_ms_sum, backoff_ms_sum, sampled,
       wall_buckets, if(attempts_as_walls, wall_buckets, other_attempt_buckets) AS attempt_buckets
FROM step_minutes_rows FINAL
WHERE minute >= from_here AND minute < to_here AND (minute < first_hour OR minute >= last_hour)
  AND minute >= now('UTC') - INTERVAL ${rollups_retention};

CREATE OR REPLACE VIEW collector_minutes AS
SELECT account_id, minute,
       sum(r.requests) AS requests,
       sum(r.rejected_429) AS rejected_429,
       sum(r.failed) AS failed,
       argMax(r.budget_left, r.observed_at) AS budget_left,
       sum(r.known) AS known,
       sum(r.fetched) AS fetched,
       sum(r.lost_sampled_out) AS lost_sampled_out,
       sum(r.lost_restarted) AS lost_restarted,
       sum(r.lost_vanished) AS lost_vanished,
       sum(r.skipped_rows) AS skipped_rows,
       sum(r.late_ignored) AS late_ignored,
       sum(r.dead_letters) AS dead_letters
FROM collector_minutes_rows AS r FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention}
GROUP BY account_id, minute;

CREATE OR REPLACE VIEW stream_minutes AS
SELECT minute,
       toInt64(count()) AS processes,
       sum(r.topology_lag) AS topology_lag,
       sum(r.writer_lag) AS writer_lag,
       sum(r.rows_written) AS rows_written,
       sum(r.failures) AS failures,
       sum(r.store_bytes) AS store_bytes,
       sum(r.store_entries) AS store_entries
FROM stream_minutes_rows AS r FINAL
WHERE minute >= now('UTC') - INTERVAL ${rollups_retention}
GROUP BY minute;
