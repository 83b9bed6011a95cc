-- How much of the plan's limit of running instances is in use, now and at the fullest hour of the last week?
-- Put your plan's limit in place of 50,000. Instances that sleep, wait or are paused do not count towards it.
WITH 50000 AS plan_limit,
    hours AS (
        SELECT account_id, workflow, toStartOfHour(now('UTC')) - INTERVAL arrayJoin(range(168)) HOUR AS hour
        FROM workflows
    ),
    told AS (
        SELECT account_id, workflow,
               greatest(toStartOfHour(minute + INTERVAL 3599 SECOND),
                        toStartOfHour(now('UTC')) - INTERVAL 167 HOUR) AS until_hour,
               argMax(count, minute) AS running
        FROM status_counts
        WHERE status = 'running' AND minute >= now() - INTERVAL 30 DAY
        GROUP BY account_id, workflow, until_hour
    ),
    by_hour AS (
        SELECT account_id, hour, sum(running) AS running
        FROM hours
        ASOF JOIN told ON hours.account_id = told.account_id AND hours.workflow = told.workflow AND hours.hour >= told.until_hour
        GROUP BY account_id, hour
    ),
    fullest AS (
        SELECT account_id, max(running) AS most, argMax(hour, running) AS at
        FROM by_hour
        GROUP BY account_id
    )
SELECT n.account_id AS account_id,
       sum(n.count) AS running,
       round(running / plan_limit, 4) AS saturation,
       any(most) AS most_in_a_week,
       any(at) AS at_hour,
       round(most_in_a_week / plan_limit, 4) AS highest_saturation
FROM status_counts_now AS n
LEFT JOIN fullest USING (account_id)
WHERE n.status = 'running'
GROUP BY account_id
ORDER BY saturation DESC;
