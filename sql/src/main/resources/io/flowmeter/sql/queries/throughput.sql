-- How many runs came, began and ended in each hour of the last day, and how did they end?
SELECT workflow,
       toStartOfHour(at) AS hour,
       sum(queued) AS came,
       sum(started) AS began,
       sum(completed) AS ok,
       sum(errored) AS failed,
       sum(terminated) AS stopped,
       round(100 * <<success_rate of runs_between>>, 1) AS success_pct
FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 3600)
GROUP BY account_id, workflow, hour
HAVING came + began + ok + failed + stopped > 0
ORDER BY workflow, hour;
