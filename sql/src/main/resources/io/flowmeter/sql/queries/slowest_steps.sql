-- Which steps are slowest, from begin to end, and how much of that is spent in attempts, not in waits between them?
-- Quantiles come from buckets of 2 % width: within 1 % of the exact value.
SELECT workflow,
       step,
       type,
       sum(runs) AS times,
       round(flowmeter_quantile(sumMap(wall_buckets), 0.50)) AS wall_p50_ms,
       round(flowmeter_quantile(sumMap(wall_buckets), 0.95)) AS wall_p95_ms,
       round(flowmeter_quantile(sumMap(wall_buckets), 0.99)) AS wall_p99_ms,
       round(<<attempt_share of steps_between>>, 4) AS share_in_attempts,
       flowmeter_longest_ms(sumMap(wall_buckets)) AS wall_max_ms
FROM steps_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
GROUP BY account_id, workflow, step, type
HAVING times > 0
ORDER BY wall_p95_ms DESC
LIMIT 20;
