-- How many runs were in flight at a past moment?
-- A run that ended at a time that nobody told counts at no moment.
WITH now64(3) - INTERVAL 1 HOUR AS moment -- Parameter moment (DateTime64(3, 'UTC')): the past moment, such as 2026-12-01 09:30:00 (UTC)
SELECT workflow, toInt64(count()) AS in_flight
FROM instances
WHERE queued_at <= moment AND (end_kind = '' OR ended_at > moment)
GROUP BY account_id, workflow
ORDER BY in_flight DESC;
