-- Which runs are stuck: for more than 3 times as long in a step as 99 of 100 were in the last week, and for more than 5 s?
-- How long a run was in its step is as of the last look at it; below some seconds, how the API's clock and the step's differ
-- would tell more than the step. A step needs 50 known runs within a week to be judged.
-- Live runs are found first, by what is little to read of all runs; the rest is read of them only.
WITH 3 AS k,
    5000 AS least_ms,
    usual AS (
        SELECT account_id, workflow, step, type, flowmeter_quantile(sumMap(wall_buckets), 0.99) AS p99_ms
        FROM steps_between(since = toStartOfDay(now('UTC') - INTERVAL 7 DAY), until = now('UTC'), every = 0)
        GROUP BY account_id, workflow, step, type
        HAVING sum(sampled) >= 50
    )
SELECT i.workflow AS workflow,
       instance_id,
       status,
       current_step,
       current_type,
       current_attempt,
       round(dateDiff('millisecond', current_since, detail_at) / 1000, 1) AS in_it_s,
       round(p99_ms / 1000, 1) AS p99_s,
       round(dateDiff('millisecond', current_since, detail_at) / nullIf(p99_ms, 0), 1) AS times_p99,
       detail_at AS looked_at
FROM instances AS i
INNER JOIN usual AS u
    ON i.account_id = u.account_id AND i.workflow = u.workflow AND i.current_step = u.step AND i.current_type = u.type
WHERE end_kind = '' AND (account_id, workflow, run) IN (SELECT account_id, workflow, run FROM instances WHERE end_kind = '')
  AND dateDiff('millisecond', current_since, detail_at) > greatest(k * assumeNotNull(p99_ms), least_ms)
ORDER BY times_p99 DESC
LIMIT 50;
