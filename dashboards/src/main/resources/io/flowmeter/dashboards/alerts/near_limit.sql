-- How near is the account to the plan's limit of running instances? The value: percent of it. The limit is the setting
-- plan.running.limit. Instances that sleep, wait or are paused do not count towards it.
WITH assumeNotNull((SELECT any(running_limit) FROM settings)) AS plan_limit
SELECT account_id,
       100 * sum(count) / plan_limit AS value
FROM status_counts_now
WHERE status = 'running' AND as_of >= now() - INTERVAL 1 HOUR
GROUP BY account_id;
