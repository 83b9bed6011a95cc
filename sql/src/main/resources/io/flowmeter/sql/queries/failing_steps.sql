-- Which steps fail, since when, and with which error?
-- By failures of the last day. since is the minute of the first of them, or else its hour; the error is the last
-- one's, looked for in runs that were queued up to a week before it.
WITH failing AS (
        SELECT account_id, workflow, step, sum(n) AS failures, min(at) AS since, max(at) AS again
        FROM (
            SELECT account_id, workflow, step, at, sum(failed + timed_out) AS n
            FROM steps_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
            WHERE failed + timed_out != 0
            GROUP BY account_id, workflow, step, at
            HAVING n > 0
        )
        GROUP BY account_id, workflow, step
        ORDER BY failures DESC
        LIMIT 20
    )
SELECT f.workflow AS workflow,
       f.step AS step,
       any(f.failures) AS failures,
       any(f.since) AS since,
       max(ended_at) AS last_at,
       argMax(error_name, ended_at) AS last_error,
       argMax(error_message, ended_at) AS last_message
FROM failing AS f
LEFT JOIN (
    SELECT account_id, workflow, step, ended_at, error_name, error_message
    FROM step_runs
    WHERE outcome IN ('failed', 'timed_out') AND ended_at >= (SELECT min(again) FROM failing)
      AND run >= (SELECT toUnixTimestamp(min(again)) * 1000 - 7 * 86400000 FROM failing)
) AS s USING (account_id, workflow, step)
GROUP BY f.account_id, workflow, step
ORDER BY failures DESC;
