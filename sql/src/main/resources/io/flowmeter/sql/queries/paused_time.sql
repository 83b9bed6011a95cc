-- For how long were runs paused in the last week?
-- A pause is as long as the polls saw it, and counts when it ends.
SELECT workflow,
       toInt64(uniqExact(instance_id, run)) AS runs,
       toInt64(count()) AS pauses,
       round(sum(previous_ms) / 60000, 1) AS paused_minutes,
       round(quantileExactInclusive(0.5)(previous_ms) / 60000, 1) AS median_minutes,
       round(max(previous_ms) / 60000, 1) AS longest_minutes,
       argMax(instance_id, previous_ms) AS longest_paused
FROM transitions
WHERE from_status = 'paused' AND at >= now() - INTERVAL 7 DAY
GROUP BY account_id, workflow
ORDER BY paused_minutes DESC;
