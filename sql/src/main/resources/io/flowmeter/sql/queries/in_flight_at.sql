-- How many runs were in flight at a past moment? Put any moment in place of an hour ago.
WITH now64(3) - INTERVAL 1 HOUR AS moment
SELECT workflow, count() AS in_flight
FROM instances
WHERE queued_at <= moment AND (ended_at IS NULL OR ended_at > moment)
GROUP BY workflow
ORDER BY in_flight DESC;
