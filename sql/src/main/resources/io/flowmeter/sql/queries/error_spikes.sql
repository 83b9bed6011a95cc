-- When did a workflow fail much more often than usual, for how long, and with which errors?
-- usual_pct is what its own recent past led to expect; score is how improbable the errors were: at 8, one in 10^8.
SELECT workflow,
       opened_at,
       closed_at,
       dateDiff('minute', opened_at, coalesce(closed_at, now64(3, 'UTC'))) AS minutes,
       errored,
       finished,
       round(100 * observed_share, 1) AS errored_pct,
       round(100 * baseline_share, 1) AS usual_pct,
       round(score, 1) AS score,
       error_groups
FROM error_spikes
WHERE opened_at >= now() - INTERVAL 7 DAY
ORDER BY closed_at IS NULL DESC, opened_at DESC
LIMIT 50;
