-- A calm day of two workflows until now: a run ends every minute, one of 250 errors, a few retries do not help, and always a few
-- runs are queued and a few run. A version was deployed two hours ago, and errors are those of the version before.

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, minute, part, queued, started, completed, errored, sampled, revision)
SELECT 'acme', workflow, if(n < 120, 'v2', 'v1'), toStartOfMinute(now('UTC')) - toIntervalMinute(n), 1,
       5, 5, 5 - (n % 50 = 49), n % 50 = 49, 5, 1
FROM (SELECT number AS n FROM numbers(1440)) AS minutes
CROSS JOIN (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow) AS w;

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, failed, first_attempt_ok, exhausted, attempts,
     retries, sampled, wall_ms_sum, wall_buckets, revision)
SELECT 'acme', workflow, if(n < 120, 'v2', 'v1'), 'charge card', 'step', toStartOfMinute(now('UTC')) - toIntervalMinute(n), 1,
       5, 5 - (n % 50 = 49), n % 50 = 49, 4, n % 50 = 49, 6, 1, 5, 5000, flowmeter_buckets(1000, 5), 1
FROM (SELECT number AS n FROM numbers(1440)) AS minutes
CROSS JOIN (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow) AS w;

-- A live run of each workflow, looked at a second after its step began.
INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, status, queued_at, started_at, end_kind, current_step,
     current_type, current_since, weight, detail_at, observed_at, revision)
SELECT 'acme', workflow, 'live', toUnixTimestamp64Milli(queued), true, 'v2', 'running', queued, queued, '', 'charge card',
       'step', queued, 0, queued + INTERVAL 1 SECOND, now64(3), 1
FROM (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow, now64(3, 'UTC') - INTERVAL 1 MINUTE AS queued);

-- Errors as there have always been.
INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, status, queued_at, started_at, ended_at, end_kind, failed_step,
     error_name, error_message, error_group, error_pattern, weight, detail_at, observed_at, revision)
SELECT 'acme', 'checkout', concat('errored ', toString(n)), toUnixTimestamp64Milli(ended), true, if(n < 2, 'v2', 'v1'), 'errored',
       ended, ended, ended, 'api', 'charge card', 'TimeoutError', 'no answer', 'known', 'no answer', 1, now64(3), now64(3), 1
FROM (SELECT number AS n, now64(3, 'UTC') - toIntervalMinute(50 * (number + 1)) AS ended FROM numbers(24));

INSERT INTO versions_rows (account_id, workflow, version_id, created_at, observed_at, revision)
SELECT 'acme', workflow, version_id, now64(3) - if(version_id = 'v2', toIntervalHour(2), toIntervalDay(3)), now64(3), 1
FROM (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow, arrayJoin(['v1', 'v2']) AS version_id);

INSERT INTO status_counts_now_rows
    (account_id, workflow, status, count, reported, drift, drift_sweeps, as_of, revision)
SELECT 'acme', workflow, status, if(status = 'complete', 7194, 3), 3, if(status = 'complete', NULL, 0), 0, now64(3), 1
FROM (
    SELECT arrayJoin(['checkout', 'nightly report']) AS workflow, arrayJoin(['queued', 'running', 'complete']) AS status
);

INSERT INTO collector_minutes_rows (account_id, minute, process, requests, known, fetched, observed_at, revision)
SELECT 'acme', toStartOfMinute(now('UTC')) - toIntervalMinute(number) AS minute, 'ingest 1', 60, 10, 10, minute, 1
FROM numbers(1440);

-- A spike that is over.
INSERT INTO error_spikes_rows
    (account_id, workflow, opened_at, closed_at, errored, finished, observed_share, baseline_share, score, revision)
SELECT 'acme', 'checkout', now64(3) - INTERVAL 20 HOUR, now64(3) - INTERVAL 19 HOUR, 42, 60, 0.7, 0.05, 31.4, 1;
