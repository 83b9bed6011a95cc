-- Which steps fail most or lose most time in the range?
SELECT workflow,
       step,
       sum(runs) AS times,
       sum(failed + timed_out) AS failures,
       sum(exhausted) AS gave_up,
       <<retry_rate of steps_between>> AS retry_rate,
       flowmeter_quantile(sumMap(wall_buckets), 0.95) AS p95_ms,
       sum(lost_ms) AS lost
FROM steps_between(since = now('UTC') - INTERVAL ${seconds} SECOND, until = now('UTC'), every = 0)
WHERE type = 'step'
GROUP BY account_id, workflow, step
HAVING failures > 0 OR lost > 0
ORDER BY failures DESC, lost DESC
LIMIT 50;
