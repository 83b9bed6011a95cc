-- What the steps of runs that are carried over put into minutes from the first one on, recounted from their facts: each in
-- the minute of its own end, or else of its run's. All of it is one part.

INSERT INTO step_minutes_rows_rebuild
    (account_id, workflow, version_id, step, type, minute, part,
     runs, succeeded, failed, timed_out, unfinished, first_attempt_ok, recovered, exhausted,
     attempts, failed_attempts, retries, lost_ms, wall_ms_sum, attempt_ms_sum, backoff_ms_sum, sampled,
     wall_buckets, attempt_buckets, revision, deleted)
WITH told AS (
    SELECT *,
           -- What is stored as a difference, as the relation adds it up.
           ifNull(dateDiff('millisecond', started_at, ended_at), 0) + wall_ms_off AS wall,
           ifNull(wall, 0) - ifNull(backoff_ms, 0) + attempt_ms_off AS tried
    FROM step_runs_rows FINAL
    WHERE run < ${boundary}),
ended AS (
    SELECT s.*, s.ended_at AS over_at
    FROM told AS s
    WHERE s.ended_at >= fromUnixTimestamp64Milli(${from}, 'UTC')
    UNION ALL
    SELECT s.*, r.ended_at AS over_at
    FROM (SELECT * FROM told WHERE ended_at IS NULL) AS s
    INNER JOIN (
        SELECT account_id, workflow, run, instance_id, ended_at FROM instances_rows FINAL
        WHERE run < ${boundary} AND ended_at >= fromUnixTimestamp64Milli(${from}, 'UTC')) AS r
        ON r.account_id = s.account_id AND r.workflow = s.workflow AND r.run = s.run AND r.instance_id = s.instance_id)
SELECT account_id, workflow, version_id, step, type,
       toDateTime(toStartOfMinute(assumeNotNull(over_at)), 'UTC') AS at_minute, ${part},
       sum(weight),
       sumIf(weight, outcome = 'succeeded'),
       sumIf(weight, outcome = 'failed'),
       sumIf(weight, outcome = 'timed_out'),
       sumIf(weight, outcome NOT IN ('succeeded', 'failed', 'timed_out')),
       sumIf(weight, first_attempt_ok),
       sumIf(weight, outcome = 'succeeded' AND e.retries > 0),
       sumIf(weight, outcome IN ('failed', 'timed_out') AND e.attempts = retry_limit + 1),
       sum(weight * e.attempts),
       sum(weight * e.failed_attempts),
       sum(weight * e.retries),
       sum(weight * e.lost_ms),
       sum(weight * ifNull(wall, 0)),
       sum(weight * tried),
       sum(weight * ifNull(backoff_ms, 0)),
       toInt64(count()),
       sumMap(if(weight > 0, flowmeter_buckets(wall, weight), CAST(map(), 'Map(Int16, Int64)'))),
       sumMap(if(weight > 0 AND e.attempts > 0,
                 flowmeter_buckets(toNullable(tried), weight), CAST(map(), 'Map(Int16, Int64)'))),
       ${boundary}, false
FROM ended AS e
GROUP BY account_id, workflow, version_id, step, type, at_minute;
