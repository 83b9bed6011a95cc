-- Which steps use up their retries? The value: in how many of 100 runs of the step, in the last half an hour. Where fewer than
-- least_exhausted did, nothing is said.
WITH 5 AS least_exhausted
SELECT account_id,
       workflow,
       step,
       ifNull(100 * <<exhausted_rate of step_minute_parts>>, 0) AS value
FROM step_minute_parts
WHERE minute >= now() - INTERVAL 30 MINUTE
GROUP BY account_id, workflow, step
HAVING sum(runs) > 0 AND sum(exhausted) >= least_exhausted;
