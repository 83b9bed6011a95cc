-- How many runs are queued, and how many minutes until the queue is empty at the pace of the last quarter of an hour?
-- The pace is that of 15 whole minutes. NULL while no more runs begin than come.
WITH pace AS (
        SELECT account_id, workflow, sum(queued) AS came, sum(started) AS began
        FROM workflow_minute_parts
        WHERE minute >= toStartOfMinute(now()) - INTERVAL 15 MINUTE AND minute < toStartOfMinute(now())
        GROUP BY account_id, workflow
    )
SELECT q.workflow AS workflow,
       q.count AS backlog,
       came AS came_in_15_min,
       began AS began_in_15_min,
       if(began > came, round(15 * backlog / (began - came), 1), NULL) AS drain_minutes
FROM status_counts_now AS q
LEFT JOIN pace USING (account_id, workflow)
WHERE q.status = 'queued' AND q.count > 0
ORDER BY backlog DESC;
