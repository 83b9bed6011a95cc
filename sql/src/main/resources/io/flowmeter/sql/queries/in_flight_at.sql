-- How many runs were in flight at a past moment? Put any moment in place of an hour ago.
-- A run that ended at a time that nobody told counts at no moment.
WITH now64(3) - INTERVAL 1 HOUR AS moment
SELECT workflow, toInt64(count()) AS in_flight
FROM instances
WHERE queued_at <= moment AND (end_kind = '' OR ended_at > moment)
GROUP BY account_id, workflow
ORDER BY in_flight DESC;
