-- A day of two workflows, ending at the minute of its insertion: a run every three minutes, of which some retry, some exhaust
-- their retries, some are terminated in a sleep, and the last six still run. The last five that fail do so for another reason.

CREATE TABLE fleet_runs ENGINE = Memory AS
SELECT
    number AS n,
    'acme' AS account_id,
    if(n % 4 = 3, 'nightly report', 'checkout') AS workflow,
    concat('order-', toString(n)) AS instance_id,
    if(n < 240, 'v1', 'v2') AS version_id,
    if(n % 4 = 3, 'cron', 'api') AS trigger_source,
    toDateTime64(toStartOfMinute(now('UTC')), 3, 'UTC') - INTERVAL (480 - n) * 180 SECOND AS queued_at,
    toUnixTimestamp64Milli(queued_at) AS run,
    addMilliseconds(queued_at, 100 + n * 31 % 1000) AS started_at,
    multiIf(n >= 474, 'running', n % 60 = 59, 'terminated', n % 12 = 5, 'errored', 'complete') AS status,
    multiIf(n % 12 = 5, 3, n % 12 = 7, 2, n % 12 = 11, 3, 1) AS charges,
    if(n < 420, 'the payment provider did not answer', concat('account ', toString(n), ' is closed')) AS complaint
FROM numbers(480);

CREATE TABLE fleet_attempts ENGINE = Memory AS
SELECT n, 0 AS step_index, 'reserve stock' AS step, 1 AS attempt, true AS success,
       addMilliseconds(started_at, 50) AS began, toInt64(150 + n * 37 % 400) AS duration_ms
FROM fleet_runs
UNION ALL
SELECT n, 1, 'charge card', toInt64(k), status != 'errored' AND k = charges,
       addMilliseconds(started_at, 1000 + (k - 1) * 1500), toInt64(200 + (n * 13 + k * 101) % 700)
FROM fleet_runs ARRAY JOIN range(1, charges + 1) AS k
UNION ALL
SELECT n, 3, 'send mail', 1, true, addMilliseconds(started_at, 71000), toInt64(80 + n % 90)
FROM fleet_runs
WHERE status = 'complete';

INSERT INTO step_attempts_rows
    (account_id, workflow, instance_id, run, step_index, attempt, step, type, version_id, started_at, ended_at, success,
     duration_ms, backoff_before_ms, error_name, error_message, weight, revision, deleted)
SELECT account_id, workflow, instance_id, run, step_index, attempt, step, 'step', version_id,
       began, addMilliseconds(began, duration_ms), success, duration_ms,
       if(attempt = 1, 0, 1500 - any(duration_ms) OVER (
           PARTITION BY n, step_index ORDER BY attempt ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING)),
       if(success, NULL, 'TimeoutError'), if(success, NULL, complaint), 1, 1, false
FROM fleet_attempts JOIN fleet_runs USING n;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms,
     attempt_ms, backoff_ms, attempts, retries, retry_limit, backoff, timeout_ms, error_name, error_message, version_id,
     weight, first_attempt_ok, failed_attempts, lost_ms, revision, deleted)
SELECT account_id, workflow, instance_id, run, step_index, any(step) AS step, concat(step, '-1'), any(type),
       if(argMax(success, attempt), 'succeeded', 'failed'), min(started_at) AS began, max(ended_at) AS ended,
       dateDiff('millisecond', began, ended) AS wall, sum(duration_ms) AS trying, wall - trying AS waiting,
       max(attempt) AS tries, tries - 1, 2, 'constant', 30000,
       argMax(error_name, attempt), argMax(error_message, attempt), any(version_id), 1,
       argMin(success, attempt), countIf(NOT success), sumIf(duration_ms, NOT success) + waiting, 1, false
FROM step_attempts
GROUP BY account_id, workflow, instance_id, run, step_index;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms,
     version_id, weight, revision, deleted)
SELECT account_id, workflow, instance_id, run, 2, 'cool down', 'cool down-1', 'sleep',
       if(status = 'complete', 'succeeded', 'unfinished'), addMilliseconds(started_at, 10000) AS began,
       addMilliseconds(began, if(status = 'complete', 60000, 20000)) AS ended,
       dateDiff('millisecond', began, ended), version_id, 1, 1, false
FROM fleet_runs
WHERE status IN ('complete', 'terminated')
UNION ALL
SELECT account_id, workflow, instance_id, run, 3, '', '', 'termination', 'succeeded',
       addMilliseconds(started_at, 30000) AS at, at, 0, version_id, 1, 1, false
FROM fleet_runs
WHERE status = 'terminated';

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at,
     ended_at, end_kind, queue_ms, run_ms, total_ms, active_ms, sleep_ms, event_wait_ms, lost_ms, paused_ms, step_count, attempts, retries, failed_step,
     error_name, error_message, error_group, error_pattern, current_step, current_type, current_since, current_attempt, weight, detail_at,
     observed_at, revision, deleted)
SELECT account_id, workflow, instance_id, run, true, version_id, trigger_source, status, queued_at, started_at,
       if(status = 'running', NULL, addMilliseconds(s.ended, 1)) AS ended_at, if(status = 'running', '', 'api'),
       dateDiff('millisecond', queued_at, started_at), dateDiff('millisecond', started_at, ended_at) AS took,
       dateDiff('millisecond', queued_at, ended_at), took - s.slept - s.waited, s.slept, 0, s.lost, 0, s.steps, s.tries, s.again,
       if(status = 'errored', 'charge card', if(status = 'running', NULL, '')),
       if(status = 'errored', 'TimeoutError', NULL), if(status = 'errored', complaint, NULL),
       if(status = 'errored', lower(hex(sipHash64(workflow, error_pattern))), NULL),
       if(status = 'errored', replaceRegexpAll(complaint, '[0-9]+', '{}'), NULL) AS error_pattern,
       if(status = 'running', 'cool down', NULL), if(status = 'running', 'sleep', NULL),
       if(status = 'running', addMilliseconds(started_at, 10000), NULL), if(status = 'running', 0, NULL),
       status != 'running', now64(3), now64(3), 1, false
FROM fleet_runs
JOIN (
    SELECT run, max(ended_at) AS ended, ifNull(sumIf(wall_ms, type = 'sleep'), 0) AS slept,
           ifNull(sum(r.backoff_ms), 0) AS waited, sum(r.lost_ms) AS lost, count() AS steps,
           sum(attempts) AS tries, sum(retries) AS again
    FROM step_runs AS r GROUP BY run
) AS s USING run;

INSERT INTO transitions_rows
    (account_id, workflow, instance_id, run, seq, from_status, to_status, at, at_is_exact, not_before, previous_ms,
     revision, deleted)
SELECT account_id, workflow, instance_id, run, 1, '', 'queued', queued_at, true, queued_at, 0, 1, false FROM instances
UNION ALL
SELECT account_id, workflow, instance_id, run, 2, 'queued', 'running', started_at, true, started_at, queue_ms, 1, false
FROM instances
UNION ALL
SELECT account_id, workflow, instance_id, run, 3, 'running', status, ended_at, true, ended_at, run_ms, 1, false
FROM instances WHERE status != 'running';

-- Rollups as a recount of the facts gives them.

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, failed, timed_out, unfinished,
     first_attempt_ok, recovered, exhausted, attempts, failed_attempts, retries, lost_ms, wall_ms_sum, attempt_ms_sum,
     backoff_ms_sum, sampled, wall_buckets, attempt_buckets, revision, deleted)
SELECT account_id, workflow, version_id, step, type, toStartOfMinute(assumeNotNull(ended_at)) AS minute, 1, sum(weight),
       sumIf(weight, outcome = 'succeeded'), sumIf(weight, outcome = 'failed'), sumIf(weight, outcome = 'timed_out'),
       sumIf(weight, outcome = 'unfinished'), sumIf(weight, first_attempt_ok),
       sumIf(weight, outcome = 'succeeded' AND retries > 0),
       sumIf(weight, ifNull(outcome = 'failed' AND attempts = retry_limit + 1, false)),
       sum(weight * s.attempts), sum(weight * s.failed_attempts), sum(weight * s.retries), sum(weight * s.lost_ms),
       sum(weight * wall_ms), sum(weight * attempt_ms), ifNull(sum(weight * backoff_ms), 0), count(),
       sumMap(flowmeter_buckets(wall_ms, weight)), sumMap(flowmeter_buckets(attempt_ms, weight)), 1, false
FROM step_runs AS s
GROUP BY account_id, workflow, version_id, step, type, minute;

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, trigger_source, minute, part, queued, revision)
SELECT account_id, workflow, version_id, trigger_source, toStartOfMinute(assumeNotNull(queued_at)) AS minute, 1,
       count(), 1
FROM instances
GROUP BY account_id, workflow, version_id, trigger_source, minute;

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, trigger_source, minute, part, started, queue_buckets, revision)
SELECT account_id, workflow, version_id, trigger_source, toStartOfMinute(assumeNotNull(started_at)) AS minute, 2,
       count(), sumMap(flowmeter_buckets(queue_ms, 1)), 1
FROM instances
GROUP BY account_id, workflow, version_id, trigger_source, minute;

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, trigger_source, minute, part, completed, errored, terminated, sampled, attempts,
     retries, lost_ms, run_ms_sum, run_buckets, total_buckets, revision)
SELECT account_id, workflow, version_id, trigger_source, toStartOfMinute(assumeNotNull(ended_at)) AS minute, 3,
       countIf(status = 'complete'), countIf(status = 'errored'), countIf(status = 'terminated'), count(),
       sum(weight * i.attempts), sum(weight * i.retries), sum(weight * s.lost_ms), sum(weight * run_ms),
       sumMap(flowmeter_buckets(run_ms, weight)), sumMap(flowmeter_buckets(total_ms, weight)), 1
FROM instances AS i
JOIN (SELECT run, sum(lost_ms) AS lost_ms FROM step_runs GROUP BY run) AS s USING run
WHERE ended_at IS NOT NULL
GROUP BY account_id, workflow, version_id, trigger_source, minute;

INSERT INTO status_counts_rows
    (account_id, workflow, status, minute, count, reported, drift, revision, deleted)
SELECT account_id, workflow, s, m,
       countIf(queued_at <= m AND if(ended_at IS NULL OR ended_at > m, 'running', status) = s) AS n,
       n, if(s = 'running', 0, NULL), 1, false
FROM instances
CROSS JOIN (
    SELECT toStartOfMinute(now('UTC')) - INTERVAL number * 10 MINUTE AS m FROM numbers(150)
) AS told
ARRAY JOIN ['running', 'complete', 'errored', 'terminated'] AS s
GROUP BY account_id, workflow, s, m;

INSERT INTO status_counts_now_rows
    (account_id, workflow, status, count, reported, drift, drift_sweeps, as_of, revision, deleted)
SELECT account_id, workflow, status, argMax(count, minute), argMax(reported, minute), argMax(drift, minute), 0,
       now64(3), 1, false
FROM status_counts
GROUP BY account_id, workflow, status;

INSERT INTO workflows_rows (account_id, workflow, workflow_id, class_name, script_name, created_at, observed_at, revision)
SELECT DISTINCT account_id, workflow, concat('id of ', workflow), 'Main', 'worker', min(queued_at), now64(3), 1
FROM fleet_runs GROUP BY account_id, workflow;

INSERT INTO versions_rows (account_id, workflow, version_id, created_at, class_name, has_dag, observed_at, revision)
SELECT account_id, workflow, version_id, min(queued_at), 'Main', false, now64(3), 1
FROM fleet_runs GROUP BY account_id, workflow, version_id;

-- The collector's own day: the lead went from one process to another at noon, and stream lost one record in an hour.

INSERT INTO collector_minutes_rows
    (account_id, minute, process, requests, rejected_429, failed, budget_left, known, fetched, lost_sampled_out,
     observed_at, revision)
SELECT 'acme', toStartOfMinute(now('UTC')) - toIntervalMinute(number) AS minute,
       if(number < 720, 'ingest 2', 'ingest 1'), 150, number % 720 = 5, number % 60 = 7, 690 - number % 30, 4, 3, 1,
       minute + INTERVAL 59 SECOND, 1
FROM numbers(1440);

INSERT INTO collector_minutes_rows (account_id, minute, process, dead_letters, observed_at, revision)
SELECT 'acme', toStartOfMinute(now('UTC')) - toIntervalMinute(60 * number) AS minute, 'stream 2_0', 1,
       minute + INTERVAL 59 SECOND, 1
FROM numbers(24);

-- Two processes derive and write; one was away for an hour at noon, and the other fell behind.

INSERT INTO stream_minutes_rows
    (minute, process, topology_lag, writer_lag, rows_written, failures, store_bytes, store_entries, observed_at, revision)
SELECT toStartOfMinute(now('UTC')) - toIntervalMinute(number) AS minute, process, if(number BETWEEN 700 AND 760, 900, number % 7),
       number % 5, 12, process = 'stream 2' AND number = 760, 1000000 + 10 * (1440 - number), 40,
       minute + INTERVAL 59 SECOND, 1
FROM numbers(1440)
ARRAY JOIN ['stream 1', 'stream 2'] AS process
WHERE process = 'stream 1' OR number NOT BETWEEN 700 AND 759;

DROP TABLE fleet_attempts;
DROP TABLE fleet_runs;

-- A spike of half an hour that is over, and one that is not.
INSERT INTO error_spikes_rows
    (account_id, workflow, opened_at, closed_at, errored, finished, observed_share, baseline_share, score, error_groups,
     revision, deleted)
SELECT 'acme', 'checkout', toStartOfMinute(now('UTC')) - INTERVAL 5 HOUR AS opened,
       opened + INTERVAL 30 MINUTE, 42, 60, 0.7, 0.05, 31.4, ['0f1e'], 1, false
UNION ALL
SELECT 'acme', 'nightly report', toStartOfMinute(now('UTC')) - INTERVAL 12 MINUTE, NULL, 6, 6, 1, 0.02, 8.9, [], 1, false;
