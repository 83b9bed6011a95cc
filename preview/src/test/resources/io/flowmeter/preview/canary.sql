-- A workflow whose names and errors are what a page must not take for anything but text. An account of its own.

INSERT INTO workflows_rows (account_id, workflow, workflow_id, class_name, script_name, created_at, observed_at, revision)
VALUES ('canary', '<img src=x onerror=document.title="hacked">', 'id', 'Main', 'worker', now64(3) - 3600, now64(3), 1);

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at, ended_at, end_kind,
     queue_ms, run_ms, total_ms, step_count, attempts, retries, failed_step, error_name, error_message, error_group, error_pattern,
     weight, detail_at, observed_at, revision, deleted)
SELECT 'canary', '<img src=x onerror=document.title="hacked">', '"><script>document.title="hacked"</script>',
       toUnixTimestamp64Milli(now64(3)) - 600000 AS run, true, '<svg onload=document.title="hacked">', 'api', 'errored',
       fromUnixTimestamp64Milli(run), fromUnixTimestamp64Milli(run + 100), fromUnixTimestamp64Milli(run + 5000), 'api', 100, 4900, 5000, 1, 1,
       0, '<b>step</b> ''"`\\', '<i>Error</i>', repeat('<b>', 90) || 'm', 'g', '{{7*7}} ${7*7} javascript:alert(1)', 1,
       fromUnixTimestamp64Milli(run + 6000), now64(3), 1, false;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms, attempt_ms, backoff_ms,
     attempts, retries, retry_limit, error_name, error_message, version_id, weight, first_attempt_ok, failed_attempts, lost_ms, revision, deleted)
SELECT account_id, workflow, instance_id, run, 0, '<b>step</b> ''"`\\', '<b>step</b> ''"`\\-1', 'step', 'failed', started_at, ended_at, 4900, 4900, 0,
       1, 0, 2, error_name, error_message, version_id, 1, false, 1, 4900, 1, false
FROM instances WHERE account_id = 'canary';
