-- How near is the account to the plan's limit of running instances? The value: percent of it. Put your plan's limit in place of
-- 50,000. Instances that sleep, wait or are paused do not count towards it.
WITH 50000 AS plan_limit
SELECT account_id,
       100 * sum(count) / plan_limit AS value
FROM status_counts_now
WHERE status = 'running' AND as_of >= now() - INTERVAL 1 HOUR
GROUP BY account_id;
