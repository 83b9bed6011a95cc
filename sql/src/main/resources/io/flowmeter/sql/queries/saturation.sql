-- How much of the plan's limit of running instances is in use, now and at the fullest minute of the last week?
-- The limit is the setting plan.running.limit. Instances that sleep, wait or are paused do not count towards it. Of a workflow
-- status_counts tells the minutes in which something changed; in between, the last count holds, however old it is.
WITH (SELECT running_limit FROM settings) AS plan_limit,
    toStartOfMinute(now('UTC')) - INTERVAL 7 DAY AS week_ago,
    lately AS (
        SELECT account_id, workflow, greatest(minute, week_ago) AS at, argMax(count, minute) AS running
        FROM status_counts
        WHERE status = 'running' AND minute >= week_ago - INTERVAL 7 DAY
        GROUP BY account_id, workflow, at
    ),
    silent AS (
        SELECT DISTINCT account_id, workflow
        FROM status_counts_now
        WHERE (account_id, workflow) NOT IN (
            SELECT account_id, workflow FROM status_counts
            WHERE minute BETWEEN week_ago - INTERVAL 7 DAY AND week_ago)
    ),
    long_ago AS (
        SELECT account_id, workflow, week_ago AS at, argMax(count, minute) AS running
        FROM status_counts
        WHERE status = 'running' AND minute < week_ago - INTERVAL 7 DAY
          AND (account_id, workflow) IN (SELECT account_id, workflow FROM silent)
        GROUP BY account_id, workflow
    ),
    changes AS (
        SELECT account_id, at,
               running - lagInFrame(running) OVER (PARTITION BY account_id, workflow ORDER BY at) AS more
        FROM (SELECT * FROM long_ago UNION ALL SELECT * FROM lately)
    ),
    sums AS (
        SELECT account_id, at, sum(sum(more)) OVER (PARTITION BY account_id ORDER BY at) AS running
        FROM changes
        GROUP BY account_id, at
    ),
    fullest AS (
        SELECT account_id, max(running) AS most, argMax(at, running) AS most_at
        FROM sums
        GROUP BY account_id
    )
SELECT n.account_id AS account_id,
       sum(n.count) AS running,
       round(running / plan_limit, 4) AS saturation,
       any(most) AS most_in_a_week,
       any(most_at) AS at_minute,
       round(most_in_a_week / plan_limit, 4) AS highest_saturation
FROM status_counts_now AS n
LEFT JOIN fullest USING (account_id)
WHERE n.status = 'running'
GROUP BY account_id
ORDER BY saturation DESC;
