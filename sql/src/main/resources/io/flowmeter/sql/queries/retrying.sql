-- Which runs are retrying a step now, at which attempt of how many, and since when?
-- Live runs whose current step has more than one attempt, as of their last detail. allowed is what the step's configuration allows,
-- if it ended in the last day.
WITH retried AS (
        SELECT account_id, workflow, instance_id, status, assumeNotNull(current_step) AS step,
               current_attempt AS attempt, current_since AS since, detail_at
        FROM instances
        WHERE end_kind = '' AND current_attempt > 1
          AND (account_id, workflow, run) IN (SELECT account_id, workflow, run FROM instances WHERE end_kind = '')
    ),
    limits AS (
        SELECT account_id, workflow, step, argMax(retry_limit, ended_at) + 1 AS allowed
        FROM step_runs
        WHERE type = 'step' AND ended_at >= now() - INTERVAL 1 DAY
          AND run >= toUnixTimestamp64Milli(now64(3) - INTERVAL 2 DAY)
          AND (account_id, workflow, step) IN (SELECT account_id, workflow, step FROM retried)
        GROUP BY account_id, workflow, step
    )
SELECT workflow, instance_id, status, step, attempt, nullIf(allowed, 0) AS allowed, since, detail_at AS looked_at
FROM retried
LEFT JOIN limits USING (account_id, workflow, step)
ORDER BY attempt DESC, since
LIMIT 50;
