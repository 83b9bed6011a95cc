-- What the sample fleet has not got, for both of its workflows: every half hour of the day an instance whose first run was superseded after a
-- pause and whose second vanished, and a wait for an event, each other one of which timed out; and now a run that retries a step for
-- hours, and one that waits for an event. One step run took a hundred times as long as usual.

CREATE TABLE odd ENGINE = Memory AS
SELECT 'acme' AS account_id, workflow, number AS n,
       toDateTime64(toStartOfMinute(now('UTC')), 3, 'UTC') - toIntervalMinute(40 + 30 * number) AS at
FROM numbers(40)
ARRAY JOIN ['checkout', 'nightly report'] AS workflow;

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at, ended_at,
     end_kind, reopened, weight, observed_at, revision)
SELECT account_id, workflow, concat('odd-', toString(n)), toUnixTimestamp64Milli(at - INTERVAL 20 MINUTE), false, 'v2', 'api',
       'running', at - INTERVAL 20 MINUTE, at - INTERVAL 19 MINUTE, at, 'superseded', 1, 0, at, 1
FROM odd
UNION ALL
SELECT account_id, workflow, concat('odd-', toString(n)), toUnixTimestamp64Milli(at), true, 'v2', 'api',
       'running', at, at, at + INTERVAL 5 MINUTE, 'vanished', 0, 0, at, 1
FROM odd;

INSERT INTO transitions_rows
    (account_id, workflow, instance_id, run, seq, from_status, to_status, at, at_is_exact, not_before, previous_ms, revision)
SELECT account_id, workflow, concat('odd-', toString(n)), toUnixTimestamp64Milli(at - INTERVAL 20 MINUTE), 3, 'paused', 'running',
       at - INTERVAL 5 MINUTE, false, at - INTERVAL 6 MINUTE, 60000, 1
FROM odd;

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, timed_out, wall_ms_sum, sampled, wall_buckets, revision)
SELECT account_id, workflow, 'v2', 'wait for carrier', 'waitForEvent', toStartOfMinute(at), 9, 1, n % 2, 1 - n % 2, 60000, 1,
       flowmeter_buckets(60000, 1), 1
FROM odd;

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at, end_kind,
     current_step, current_type, current_since, current_attempt, weight, detail_at, observed_at, revision)
SELECT account_id, workflow, 'retries', toUnixTimestamp64Milli(at), true, 'v2', 'api', 'running', at, at, '',
       'charge card', 'step', at, 2, 0, now64(3), now64(3), 1
FROM odd
WHERE n = 10
UNION ALL
SELECT account_id, workflow, 'waits', toUnixTimestamp64Milli(at), true, 'v2', 'api', 'waiting', at, at, '',
       'wait for carrier', 'waitForEvent', at, 0, 0, now64(3), now64(3), 1
FROM odd
WHERE n = 12;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms,
     attempt_ms, backoff_ms, attempts, retries, retry_limit, version_id, weight, first_attempt_ok, failed_attempts, lost_ms, revision)
SELECT account_id, workflow, 'outlier', toUnixTimestamp64Milli(at), 0, 'charge card', 'charge card-1', 'step', 'succeeded',
       at, at + INTERVAL 1000 SECOND, 1000000, 1000000, 0, 1, 0, 2, 'v2', 1, true, 0, 0, 1
FROM odd
WHERE n = 8;

DROP TABLE odd;
