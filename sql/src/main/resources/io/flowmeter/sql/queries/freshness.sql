-- How long after a run's end is it here, in full?
-- A run that changed again, as when it was restarted, counts from its end to its last change.
SELECT workflow,
       toStartOfHour(ended_at) AS hour,
       toInt64(count()) AS runs,
       quantiles(0.50, 0.99)(dateDiff('millisecond', ended_at, inserted_at)) AS late_ms,
       round(late_ms[1] / 1000, 1) AS p50_s,
       round(late_ms[2] / 1000, 1) AS p99_s
FROM instances
WHERE weight > 0 AND end_kind = 'api' AND ended_at >= now() - INTERVAL 1 DAY
GROUP BY account_id, workflow, hour
ORDER BY workflow, hour;
