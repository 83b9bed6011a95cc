-- How fast did runs move to a new version, hour by hour of the last day?
SELECT workflow,
       toStartOfHour(minute) AS hour,
       version_id,
       sum(started) AS began,
       round(began / nullIf(sum(began) OVER (PARTITION BY account_id, workflow, hour), 0), 4) AS share_of_begun,
       sum(completed) AS ok,
       sum(errored) AS failed,
       sum(terminated) AS stopped
FROM workflow_minute_parts
WHERE minute >= now() - INTERVAL 1 DAY
GROUP BY account_id, workflow, hour, version_id
HAVING began + ok + failed + stopped > 0
ORDER BY workflow, hour, version_id;
