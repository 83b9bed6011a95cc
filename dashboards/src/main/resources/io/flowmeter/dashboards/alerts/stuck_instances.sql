-- Where are runs stuck: for more than k times as long in a step as 99 of 100 were in the last week, and for more than least_ms?
-- The value: how many. How long a run was in its step is as of the last look at it; below some seconds, how the API's clock and the
-- step's differ would tell more than the step. A step needs 50 known runs within a week to be judged. A sleep is not: it ends by
-- itself, and how long it takes is the code's own choice.
WITH 3 AS k,
    5000 AS least_ms,
    usual AS (
        SELECT account_id, workflow, step, type, flowmeter_quantile(sumMap(wall_buckets), 0.99) AS p99_ms
        FROM steps_between(since = toStartOfDay(now('UTC') - INTERVAL 7 DAY), until = now('UTC'), every = 0)
        GROUP BY account_id, workflow, step, type
        HAVING sum(sampled) >= 50
    )
SELECT i.account_id AS account_id,
       i.workflow AS workflow,
       u.step AS step,
       toFloat64(count()) AS value
FROM instances AS i
INNER JOIN usual AS u
    ON i.account_id = u.account_id AND i.workflow = u.workflow AND i.current_step = u.step AND i.current_type = u.type
WHERE end_kind = '' AND ended_at IS NULL AND current_type != 'sleep'
  AND dateDiff('millisecond', current_since, detail_at) > greatest(k * assumeNotNull(p99_ms), least_ms)
GROUP BY account_id, workflow, step
SETTINGS optimize_functions_to_subcolumns = 0;
