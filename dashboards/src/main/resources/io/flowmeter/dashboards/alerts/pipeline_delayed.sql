-- Do alerts and dashboards see the present? The value: how many minutes lie between the newest sweep of which the counts are told and
-- the collector's last minute in which the API answered. What is told of a sweep has passed through the topology, which the collector's
-- minutes pass by; a sweep is told every minute at least.
WITH answered AS (
    SELECT account_id, max(minute) AS seen
    FROM collector_minutes
    WHERE minute >= now() - INTERVAL 1 DAY AND requests > rejected_429 + failed
    GROUP BY account_id
),
told AS (
    SELECT account_id, max(as_of) AS swept
    FROM status_counts_now
    WHERE (account_id, workflow) NOT IN (SELECT account_id, workflow FROM workflows WHERE deleted_at IS NOT NULL)
    GROUP BY account_id
)
SELECT account_id, greatest(dateDiff('second', swept, seen) / 60, 0) AS value
FROM answered
INNER JOIN told USING (account_id);
