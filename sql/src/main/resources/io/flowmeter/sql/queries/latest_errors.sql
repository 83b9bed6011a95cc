-- What went wrong last?
-- Minutes tell since when there were as many, so that no more runs are looked at.
WITH (
        SELECT min(at)
        FROM (
            SELECT at, sum(errored + terminated) AS n, sum(n) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS until_now
            FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
            GROUP BY at)
        WHERE until_now - n < 20
    ) AS far_enough_back
SELECT ended_at, workflow, instance_id, status, failed_step, error_name, error_message
FROM instances
WHERE status IN ('errored', 'terminated') AND ended_at >= now() - INTERVAL 1 DAY AND ended_at >= far_enough_back
ORDER BY ended_at DESC
LIMIT 20;
