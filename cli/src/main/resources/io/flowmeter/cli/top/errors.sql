-- What went wrong last in the range? Minutes tell since when there were as many, so that no more runs are looked at.
WITH (
        SELECT min(at)
        FROM (
            SELECT at, sum(errored + terminated) AS n, sum(n) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS until_now
            FROM runs_between(since = now('UTC') - INTERVAL ${seconds} SECOND, until = now('UTC'), every = 0)
            GROUP BY at)
        WHERE until_now - n < 50
    ) AS far_enough_back
SELECT toUnixTimestamp64Milli(assumeNotNull(ended_at)) AS ended_at_ms,
       workflow,
       instance_id,
       status,
       ifNull(failed_step, '') AS step,
       ifNull(error_name, '') AS error,
       ifNull(error_message, '') AS message
FROM instances
WHERE status IN ('errored', 'terminated') AND ended_at >= now() - INTERVAL ${seconds} SECOND
  AND ended_at >= far_enough_back
ORDER BY ended_at DESC
LIMIT 50;
