-- How fast did runs move to a new version, hour by hour of the last day?
SELECT workflow,
       toStartOfHour(at) AS hour,
       version_id,
       sum(started) AS began,
       round(began / nullIf(sum(began) OVER (PARTITION BY account_id, workflow, hour), 0), 4) AS share_of_begun,
       sum(completed) AS ok,
       sum(errored) AS failed,
       sum(terminated) AS stopped
FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 3600)
GROUP BY account_id, workflow, hour, version_id
HAVING began + ok + failed + stopped > 0
ORDER BY workflow, hour, version_id;
