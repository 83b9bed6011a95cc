-- Which steps fail, since when, and with which error?
SELECT workflow,
       step,
       sum(weight) AS failures,
       uniqExact(instance_id, run) AS runs_seen,
       min(ended_at) AS first_at,
       max(ended_at) AS last_at,
       argMin(error_name, ended_at) AS first_error,
       argMin(error_message, ended_at) AS first_message
FROM step_runs
WHERE outcome IN ('failed', 'timed_out') AND ended_at >= now() - INTERVAL 1 DAY
GROUP BY workflow, step
ORDER BY failures DESC
LIMIT 20;
