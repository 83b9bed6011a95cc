-- A quiet week of two workflows until now. More runs arrive by day than by night. 1 of 250 runs errors, because its step used up its
-- retries. Each workflow is deployed once a day, and its errors are those of the versions before. A few runs are always queued or
-- running. At times the count of a status is wrong for one sweep, and at times a request fails.

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, minute, part, queued, started, completed, errored, sampled, revision)
SELECT 'acme', workflow, concat('v', toString(intDiv(n, 1440))), toStartOfMinute(now('UTC')) - toIntervalMinute(n), 1,
       runs, runs, runs - bad, bad, runs, 1
FROM (
    SELECT workflow, n, 3 + cityHash64(workflow, n) % 5 + if(n % 1440 < 720, 0, 4) AS runs,
           if(cityHash64(workflow, n, 'bad') % 250 < runs, 1, 0) AS bad
    FROM (SELECT number AS n FROM numbers(10080)) AS minutes
    CROSS JOIN (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow) AS w
);

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, failed, first_attempt_ok, exhausted, attempts,
     retries, sampled, wall_ms_sum, wall_buckets, revision)
SELECT 'acme', workflow, version_id, 'charge card', 'step', minute, 1,
       completed + errored, completed, errored, completed, errored, completed + 3 * errored, 2 * errored, completed + errored,
       1500 * (completed + errored),
       flowmeter_buckets(toInt64(1000 + cityHash64(workflow, minute) % 1000), completed + errored), 1
FROM workflow_minutes_rows FINAL;

-- Of each hour an errored run.
INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, status, queued_at, started_at, ended_at, end_kind, failed_step,
     error_name, error_message, error_group, error_pattern, weight, detail_at, observed_at, revision)
SELECT 'acme', workflow, toString(n), toUnixTimestamp64Milli(ended) - 2000, true, concat('v', toString(intDiv(n, 24))), 'errored',
       ended - INTERVAL 2 SECOND, ended - INTERVAL 2 SECOND, ended, 'api', 'charge card', 'TimeoutError', 'no answer',
       concat('known ', toString(n % 2)), 'no answer', 1, ended, ended, 1
FROM (
    SELECT workflow, n, toDateTime64(toStartOfMinute(now('UTC')), 3, 'UTC') - toIntervalHour(n) - toIntervalMinute(1) AS ended
    FROM (SELECT number AS n FROM numbers(168)) AS hours
    CROSS JOIN (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow) AS w
);

INSERT INTO versions_rows (account_id, workflow, version_id, created_at, observed_at, revision)
SELECT 'acme', workflow, concat('v', toString(day)), toStartOfMinute(now('UTC')) - toIntervalDay(day + 1), now64(3), 1
FROM (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow, arrayJoin(range(8)) AS day);

INSERT INTO status_counts_rows (account_id, workflow, status, minute, count, reported, drift, revision)
SELECT 'acme', workflow, status, toStartOfMinute(now('UTC')) - toIntervalMinute(n),
       if(status = 'running', 3, cityHash64(workflow, n) % 6) + if(status = 'running' AND n % 97 = 0, 1, 0) AS count, count, if(n % 97 = 0, 1, 0), 1
FROM (SELECT number AS n FROM numbers(10080)) AS minutes
CROSS JOIN (SELECT arrayJoin(['checkout', 'nightly report']) AS workflow, arrayJoin(['queued', 'running']) AS status) AS s;

INSERT INTO collector_minutes_rows (account_id, minute, process, requests, rejected_429, failed, known, fetched, observed_at, revision)
SELECT 'acme', toStartOfMinute(now('UTC')) - toIntervalMinute(number) AS minute, 'ingest 1', 60, number % 13 = 0, number % 31 = 0, 10, 10,
       minute, 1
FROM numbers(10080);
