-- How far can the share of failures of a step be off because runs are sampled?
-- The true share of the last day is within the interval with 95 %. It rests on the steps looked at, not on those they
-- stand for: where all were looked at, it tells how much is chance.
SELECT workflow,
       step,
       sum(runs) AS times,
       sum(sampled) AS looked_at,
       round(<<failure_rate of steps_between>>, 4) AS failed_share,
       round(flowmeter_share_low(<<failure_rate of steps_between>>, looked_at), 4) AS at_least,
       round(flowmeter_share_high(<<failure_rate of steps_between>>, looked_at), 4) AS at_most
FROM steps_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
WHERE type = 'step'
GROUP BY account_id, workflow, step
HAVING times > 0 AND looked_at > 0
ORDER BY at_most - at_least DESC
LIMIT 50;
