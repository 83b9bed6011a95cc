-- How many runs are queued, and how many minutes until the queue is empty at the pace of the last quarter of an hour?
-- The pace is that of the 15 whole minutes before the last sweep: what began since then is not known yet. NULL while no more runs
-- begin than come.
WITH waiting AS (
        SELECT account_id, workflow, count AS backlog, toStartOfMinute(as_of) AS swept_at
        FROM status_counts_now
        WHERE status = 'queued' AND count > 0
    ),
    pace AS (
        SELECT account_id, workflow, sum(queued) AS came, sum(started) AS began
        FROM workflow_minute_parts
        INNER JOIN waiting USING (account_id, workflow)
        WHERE minute >= now() - INTERVAL 1 DAY AND minute >= swept_at - INTERVAL 15 MINUTE AND minute < swept_at
        GROUP BY account_id, workflow
    )
SELECT w.workflow AS workflow,
       backlog,
       came AS came_in_15_min,
       began AS began_in_15_min,
       if(began > came, round(15 * backlog / (began - came), 1), NULL) AS drain_minutes
FROM waiting AS w
LEFT JOIN pace USING (account_id, workflow)
ORDER BY backlog DESC;
