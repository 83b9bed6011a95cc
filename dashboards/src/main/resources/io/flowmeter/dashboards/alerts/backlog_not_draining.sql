-- Where does a queue grow that is already long? The value: how many runs are queued, where in the 15 whole minutes before the last
-- sweep no more began than came, and fewer began than still wait: their last one waits for longer than that. Else 0. What began
-- since then is not known yet.
WITH 10 AS least_queued,
    waiting AS (
        SELECT account_id, workflow, count AS backlog, toStartOfMinute(as_of) AS swept_at
        FROM status_counts_now
        WHERE status = 'queued' AND as_of >= now() - INTERVAL 1 HOUR
    ),
    pace AS (
        SELECT account_id, workflow, sum(queued) AS came, sum(started) AS began
        FROM workflow_minute_parts
        INNER JOIN waiting USING (account_id, workflow)
        WHERE minute >= now() - INTERVAL 90 MINUTE AND minute >= swept_at - INTERVAL 15 MINUTE AND minute < swept_at
        GROUP BY account_id, workflow
    )
SELECT w.account_id AS account_id,
       w.workflow AS workflow,
       toFloat64(if(backlog >= least_queued AND began <= came AND began < backlog, backlog, 0)) AS value
FROM waiting AS w
LEFT JOIN pace USING (account_id, workflow);
