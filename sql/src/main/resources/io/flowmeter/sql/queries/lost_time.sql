-- How much time is lost to failed attempts and the waits after them, day by day, and is it getting worse?
SELECT workflow,
       toDate(at) AS day,
       sum(completed + errored + terminated) AS ended,
       round(sum(lost_ms) / 60000, 1) AS lost_minutes,
       round(100 * sum(lost_ms) / nullIf(sum(run_ms_sum), 0), 2) AS lost_pct_of_run_time,
       round(sum(retries) / nullIf(sum(attempts), 0), 4) AS retry_rate
FROM runs_between(since = now('UTC') - INTERVAL 30 DAY, until = now('UTC'), every = 86400)
GROUP BY account_id, workflow, day
HAVING ended > 0
ORDER BY workflow, day;
