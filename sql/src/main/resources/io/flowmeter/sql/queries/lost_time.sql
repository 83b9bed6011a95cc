-- How much time is lost to failed attempts and the waits after them, day by day, and is it getting worse?
SELECT workflow,
       toDate(at) AS day,
       sum(completed + errored + terminated) AS ended,
       round(sum(lost_ms) / 60000, 1) AS lost_minutes,
       round(100 * <<lost_share of runs_between r>>, 2) AS lost_pct_of_run_time,
       round(<<retry_rate of runs_between r>>, 4) AS retry_rate
FROM runs_between(since = now('UTC') - INTERVAL 30 DAY, until = now('UTC'), every = 86400) AS r
GROUP BY account_id, workflow, day
HAVING ended > 0
ORDER BY workflow, day;
