-- Which steps fail, since when, and with which error?
-- By failures of the last day. since is the minute of the first of them, or else its hour; the error is the last one's.
WITH failing AS (
        SELECT account_id, workflow, step, sum(n) AS failures, min(at) AS since, max(at) AS again
        FROM (
            SELECT account_id, workflow, step, at, sum(failed + timed_out) AS n
            FROM steps_between(since = now() - INTERVAL 1 DAY, until = now(), every = 0)
            WHERE failed + timed_out != 0
            GROUP BY account_id, workflow, step, at
            HAVING n > 0
        )
        GROUP BY account_id, workflow, step
        ORDER BY failures DESC
        LIMIT 20
    )
SELECT s.workflow AS workflow,
       s.step AS step,
       any(f.failures) AS failures,
       any(f.since) AS since,
       max(ended_at) AS last_at,
       argMax(error_name, ended_at) AS last_error,
       argMax(error_message, ended_at) AS last_message
FROM step_runs AS s
INNER JOIN failing AS f USING (account_id, workflow, step)
WHERE outcome IN ('failed', 'timed_out') AND ended_at >= (SELECT min(again) FROM failing)
GROUP BY account_id, workflow, step
ORDER BY failures DESC;
