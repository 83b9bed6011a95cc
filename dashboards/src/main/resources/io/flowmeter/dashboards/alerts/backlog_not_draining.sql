-- Where does a queue grow that is already long? The value: how many runs are queued, where in the last 15 whole minutes no
-- more began than came, and fewer began than still wait: their last one waits for longer than that. Else 0.
WITH 10 AS least_queued,
    pace AS (
        SELECT account_id, workflow, sum(queued) AS came, sum(started) AS began
        FROM workflow_minute_parts
        WHERE minute >= toStartOfMinute(now()) - INTERVAL 15 MINUTE AND minute < toStartOfMinute(now())
        GROUP BY account_id, workflow
    )
SELECT q.account_id AS account_id,
       q.workflow AS workflow,
       toFloat64(if(q.count >= least_queued AND began <= came AND began < q.count, q.count, 0)) AS value
FROM status_counts_now AS q
LEFT JOIN pace USING (account_id, workflow)
WHERE q.status = 'queued' AND q.as_of >= now() - INTERVAL 1 HOUR;
