-- What the dashboards ask, each for one workflow and for all of them, over a range that ends now. Two of them are asked of
-- the facts, too, so that one sees what the minutes spare.

-- runs_by_time
SELECT toStartOfInterval(at, INTERVAL ${interval} SECOND) AS time, sum(r.completed) AS complete, sum(r.errored) AS errored,
       sum(r.terminated) AS terminated, sum(r.queued) AS queued
FROM runs_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = ${interval}) AS r
WHERE ${workflow}
GROUP BY time ORDER BY time;

-- run_quantiles_by_time
SELECT toStartOfInterval(at, INTERVAL ${interval} SECOND) AS time, flowmeter_quantile(sumMap(run_buckets), 0.50) AS p50,
       flowmeter_quantile(sumMap(run_buckets), 0.95) AS p95, flowmeter_quantile(sumMap(run_buckets), 0.99) AS p99
FROM runs_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = ${interval})
WHERE ${workflow}
GROUP BY time HAVING p50 IS NOT NULL ORDER BY time;

-- step_quantiles_by_time
SELECT toStartOfInterval(at, INTERVAL ${interval} SECOND) AS time, flowmeter_quantile(sumMap(wall_buckets), 0.50) AS p50,
       flowmeter_quantile(sumMap(wall_buckets), 0.95) AS p95, flowmeter_quantile(sumMap(wall_buckets), 0.99) AS p99
FROM steps_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = ${interval})
WHERE ${workflow} AND type = 'step'
GROUP BY time HAVING p50 IS NOT NULL ORDER BY time;

-- retry_rate_by_time
SELECT toStartOfInterval(at, INTERVAL ${interval} SECOND) AS time, step, sum(r.retries) / sum(r.attempts) AS retry_rate
FROM steps_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = ${interval}) AS r
WHERE ${workflow} AND type = 'step'
GROUP BY time, step HAVING sum(r.attempts) > 0 ORDER BY time, step;

-- lost_time
SELECT sum(lost_ms) AS lost_ms
FROM steps_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = 0)
WHERE ${workflow};

-- slowest_steps
SELECT workflow, step, type, sum(r.runs) AS runs, flowmeter_quantile(sumMap(r.wall_buckets), 0.50) AS p50,
       flowmeter_quantile(sumMap(r.wall_buckets), 0.95) AS p95, flowmeter_quantile(sumMap(r.wall_buckets), 0.99) AS p99
FROM steps_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = 0) AS r
WHERE ${workflow}
GROUP BY workflow, step, type ORDER BY p95 DESC LIMIT 100;

-- failing_steps
WITH failing AS (
    SELECT account_id, workflow, step, sum(n) AS failures, max(at) AS again
    FROM (
        SELECT account_id, workflow, step, at, sum(failed + timed_out) AS n
        FROM steps_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = 0)
        WHERE ${workflow} AND failed + timed_out != 0
        GROUP BY account_id, workflow, step, at
        HAVING n > 0
    )
    GROUP BY account_id, workflow, step ORDER BY failures DESC LIMIT 100
)
SELECT f.workflow AS workflow, f.step AS step, any(f.failures) AS failures, max(ended_at) AS last_at,
       argMax(error_name, ended_at) AS last_error, argMax(error_message, ended_at) AS last_message
FROM failing AS f
LEFT JOIN (
    SELECT account_id, workflow, step, ended_at, error_name, error_message
    FROM step_runs
    WHERE ${workflow} AND outcome IN ('failed', 'timed_out') AND ended_at >= (SELECT min(again) FROM failing)
      AND run >= (SELECT toUnixTimestamp(min(again)) * 1000 - 7 * 86400000 FROM failing)
) AS s USING (account_id, workflow, step)
GROUP BY f.account_id, workflow, step ORDER BY failures DESC;

-- latest_errors
WITH (
    SELECT min(at)
    FROM (
        SELECT at, sum(errored + terminated) AS n, sum(n) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS until_now
        FROM runs_between(since = now() - INTERVAL ${range} SECOND, until = now(), every = 0)
        WHERE ${workflow}
        GROUP BY at)
    WHERE until_now - n < 100
) AS far_enough_back
SELECT ended_at, workflow, instance_id, status, failed_step, error_name, error_message
FROM instances
WHERE ${workflow} AND status IN ('errored', 'terminated')
  AND run <= toUnixTimestamp64Milli(now64(3)) AND ended_at >= now() - INTERVAL ${range} SECOND AND ended_at >= far_enough_back
ORDER BY ended_at DESC LIMIT 100;

-- live_runs
SELECT workflow, instance_id, status, dateDiff('second', coalesce(started_at, queued_at), now64(3)) AS alive, current_step,
       current_since
FROM instances
WHERE ${workflow} AND is_newest AND end_kind = '' AND ended_at IS NULL AND run <= toUnixTimestamp64Milli(now64(3))
ORDER BY alive DESC LIMIT 100;

-- facts.lost_time
SELECT sum(weight * lost_ms) AS lost_ms
FROM step_runs
WHERE ${workflow} AND ended_at >= now() - INTERVAL ${range} SECOND;

-- facts.slowest_steps
SELECT workflow, step, type, sum(weight) AS runs, quantilesExactWeighted(0.50, 0.95, 0.99)(assumeNotNull(wall_ms), toUInt64(weight)) AS q
FROM step_runs
WHERE ${workflow} AND ended_at >= now() - INTERVAL ${range} SECOND AND wall_ms IS NOT NULL
GROUP BY workflow, step, type ORDER BY q[2] DESC LIMIT 100;
