-- Which step runs took much longer than their step usually does?
-- Longer than q3 × (q3 ÷ q1)³, Tukey's outer fence for durations, and than twice q3 (flowmeter_outlier_fence). A step needs 50
-- known runs within a week. Runs of the last day are looked at in those hours in which the longest duration of their step is
-- beyond the fence.
WITH usual AS (
        SELECT account_id, workflow, step, type,
               flowmeter_quantile(sumMap(wall_buckets) AS buckets, 0.25) AS q1_ms,
               flowmeter_quantile(buckets, 0.50) AS median_ms,
               flowmeter_quantile(buckets, 0.75) AS q3_ms,
               flowmeter_outlier_fence(q1_ms, q3_ms) AS fence_ms
        FROM steps_between(since = toStartOfDay(now('UTC') - INTERVAL 7 DAY), until = now('UTC'), every = 0)
        GROUP BY account_id, workflow, step, type
        HAVING sum(sampled) >= 50
    ),
    beyond AS (
        SELECT account_id, workflow, step, type, toStartOfHour(at) AS hour,
               any(u.median_ms) AS median_ms, any(u.fence_ms) AS fence_ms
        FROM steps_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 3600) AS b
        INNER JOIN usual AS u USING (account_id, workflow, step, type)
        WHERE notEmpty(wall_buckets) AND arrayMax(mapKeys(wall_buckets)) >= flowmeter_bucket(u.fence_ms)
        GROUP BY account_id, workflow, step, type, hour
    ),
    -- Kept as one value, so that it is worked out once and not wherever it is used.
    (SELECT groupArray((account_id, workflow, step, type, hour, median_ms, fence_ms)) FROM beyond) AS found,
    outlying AS (
        SELECT f.1 AS account_id, f.2 AS workflow, f.3 AS step, f.4 AS type, f.5 AS hour,
               f.6 AS median_ms, f.7 AS fence_ms
        FROM (SELECT arrayJoin(found) AS f)
    )
SELECT s.workflow AS workflow,
       s.step AS step,
       s.type AS type,
       instance_id,
       ended_at,
       outcome,
       attempts,
       wall_ms,
       round(median_ms) AS usual_ms,
       round(wall_ms / nullIf(median_ms, 0), 1) AS times_usual
FROM step_runs AS s
INNER JOIN outlying AS b
    ON s.account_id = b.account_id AND s.workflow = b.workflow AND s.step = b.step AND s.type = b.type
   AND toStartOfHour(assumeNotNull(s.ended_at)) = b.hour
WHERE (s.account_id, s.workflow, toStartOfHour(assumeNotNull(s.ended_at))) IN (SELECT account_id, workflow, hour FROM outlying)
  AND s.ended_at >= now() - INTERVAL 1 DAY AND weight > 0 AND wall_ms > fence_ms
ORDER BY times_usual DESC
LIMIT 50;
