-- What went wrong last?
SELECT ended_at, workflow, instance_id, status, failed_step, error_name, error_message
FROM instances
WHERE status IN ('errored', 'terminated') AND ended_at >= now() - INTERVAL 1 DAY
ORDER BY ended_at DESC
LIMIT 20;
