-- How much time is lost to retries: failed attempts and the waits between attempts?
SELECT workflow,
       step,
       sum(retries) AS retried,
       round(sum(lost_ms) / 60000, 1) AS lost_minutes,
       round(100 * <<lost_share of steps_between>>, 1) AS lost_pct_of_step_time
FROM steps_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0)
WHERE type = 'step'
GROUP BY account_id, workflow, step
HAVING sum(lost_ms) > 0
ORDER BY lost_minutes DESC
LIMIT 20;
