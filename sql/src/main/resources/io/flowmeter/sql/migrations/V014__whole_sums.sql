-- A refresh of sums that ended in the middle, as that of a server that was killed, left hours that nobody summed again: the latest
-- time at which one was written counted as the time until which all were whole.

-- It is told apart now, and only of a refresh that ended well: what came in before that began is summed.

CREATE TABLE IF NOT EXISTS sums_rows
(
    sums        LowCardinality(String) COMMENT 'step_hours, workflow_hours, step_days or workflow_days',
    whole_until DateTime('UTC') COMMENT 'the begin of the latest refresh that is known to have ended well; 0: sum all',
    stored_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY sums;

-- Nothing is told of what was summed before this: all is summed once more, and hours that were left wrong are right.

DROP VIEW IF EXISTS step_days_summed SYNC;
DROP VIEW IF EXISTS workflow_days_summed SYNC;
DROP VIEW IF EXISTS step_hours_summed SYNC;
DROP VIEW IF EXISTS workflow_hours_summed SYNC;

CREATE MATERIALIZED VIEW IF NOT EXISTS step_hours_summed REFRESH EVERY 1 MINUTE APPEND TO step_hours_rows AS
SELECT account_id, workflow, version_id, step, type,
       toStartOfHour(minute) AS hour,
       sum(r.runs) AS runs,
       sum(r.succeeded) AS succeeded,
       sum(r.failed) AS failed,
       sum(r.timed_out) AS timed_out,
       sum(r.unfinished) AS unfinished,
       sum(r.first_attempt_ok) AS first_attempt_ok,
       sum(r.recovered) AS recovered,
       sum(r.exhausted) AS exhausted,
       sum(r.attempts) AS attempts,
       sum(r.failed_attempts) AS failed_attempts,
       sum(r.retries) AS retries,
       sum(r.lost_ms) AS lost_ms,
       sum(r.wall_ms_sum) AS wall_ms_sum,
       sum(r.wall_ms_sum - r.backoff_ms_sum + r.attempt_ms_off) AS attempt_ms_sum,
       sum(r.backoff_ms_sum) AS backoff_ms_sum,
       sum(r.sampled) AS sampled,
       mapFilter((bucket, n) -> n != 0, sumMap(r.wall_buckets)) AS wall_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(if(r.attempts_as_walls, r.wall_buckets, r.other_attempt_buckets))) AS attempt_buckets,
       now('UTC') AS stored_at
FROM step_minutes_rows AS r FINAL
WHERE (account_id, workflow, toStartOfHour(minute)) IN (
    SELECT account_id, workflow, toStartOfHour(minute)
    FROM step_minutes_rows
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(whole_until)) - 300, 0), 'UTC') FROM sums_rows FINAL WHERE sums = 'step_hours')
)
GROUP BY account_id, workflow, version_id, step, type, hour
SETTINGS max_bytes_before_external_group_by = 1000000000, distributed_product_mode = 'global';

CREATE MATERIALIZED VIEW IF NOT EXISTS workflow_hours_summed REFRESH EVERY 1 MINUTE APPEND TO workflow_hours_rows AS
SELECT account_id, workflow, version_id, trigger_source,
       toStartOfHour(minute) AS hour,
       sum(r.queued) AS queued,
       sum(r.started) AS started,
       sum(r.completed) AS completed,
       sum(r.errored) AS errored,
       sum(r.terminated) AS terminated,
       sum(r.sampled) AS sampled,
       sum(r.attempts) AS attempts,
       sum(r.retries) AS retries,
       sum(r.lost_ms) AS lost_ms,
       sum(r.run_ms_sum) AS run_ms_sum,
       mapFilter((bucket, n) -> n != 0, sumMap(r.queue_buckets)) AS queue_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.run_buckets)) AS run_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.total_buckets)) AS total_buckets,
       now('UTC') AS stored_at
FROM workflow_minutes_rows AS r FINAL
WHERE (account_id, workflow, toStartOfHour(minute)) IN (
    SELECT account_id, workflow, toStartOfHour(minute)
    FROM workflow_minutes_rows
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(whole_until)) - 300, 0), 'UTC') FROM sums_rows FINAL WHERE sums = 'workflow_hours')
)
GROUP BY account_id, workflow, version_id, trigger_source, hour
SETTINGS max_bytes_before_external_group_by = 1000000000, distributed_product_mode = 'global';

CREATE MATERIALIZED VIEW IF NOT EXISTS step_days_summed REFRESH EVERY 1 MINUTE DEPENDS ON step_hours_summed APPEND TO step_days_rows AS
SELECT account_id, workflow, version_id, step, type,
       toStartOfDay(hour) AS day,
       sum(r.runs) AS runs,
       sum(r.succeeded) AS succeeded,
       sum(r.failed) AS failed,
       sum(r.timed_out) AS timed_out,
       sum(r.unfinished) AS unfinished,
       sum(r.first_attempt_ok) AS first_attempt_ok,
       sum(r.recovered) AS recovered,
       sum(r.exhausted) AS exhausted,
       sum(r.attempts) AS attempts,
       sum(r.failed_attempts) AS failed_attempts,
       sum(r.retries) AS retries,
       sum(r.lost_ms) AS lost_ms,
       sum(r.wall_ms_sum) AS wall_ms_sum,
       sum(r.attempt_ms_sum) AS attempt_ms_sum,
       sum(r.backoff_ms_sum) AS backoff_ms_sum,
       sum(r.sampled) AS sampled,
       mapFilter((bucket, n) -> n != 0, sumMap(r.wall_buckets)) AS wall_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.attempt_buckets_off)) AS attempt_buckets_off,
       now('UTC') AS stored_at
FROM step_hours_rows AS r FINAL
WHERE (account_id, workflow, toStartOfDay(hour)) IN (
    SELECT account_id, workflow, toStartOfDay(hour)
    FROM step_hours_rows
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(whole_until)) - 300, 0), 'UTC') FROM sums_rows FINAL WHERE sums = 'step_days')
)
GROUP BY account_id, workflow, version_id, step, type, day
SETTINGS max_bytes_before_external_group_by = 1000000000, distributed_product_mode = 'global';

CREATE MATERIALIZED VIEW IF NOT EXISTS workflow_days_summed REFRESH EVERY 1 MINUTE DEPENDS ON workflow_hours_summed APPEND TO workflow_days_rows AS
SELECT account_id, workflow, version_id, trigger_source,
       toStartOfDay(hour) AS day,
       sum(r.queued) AS queued,
       sum(r.started) AS started,
       sum(r.completed) AS completed,
       sum(r.errored) AS errored,
       sum(r.terminated) AS terminated,
       sum(r.sampled) AS sampled,
       sum(r.attempts) AS attempts,
       sum(r.retries) AS retries,
       sum(r.lost_ms) AS lost_ms,
       sum(r.run_ms_sum) AS run_ms_sum,
       mapFilter((bucket, n) -> n != 0, sumMap(r.queue_buckets)) AS queue_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.run_buckets)) AS run_buckets,
       mapFilter((bucket, n) -> n != 0, sumMap(r.total_buckets)) AS total_buckets,
       now('UTC') AS stored_at
FROM workflow_hours_rows AS r FINAL
WHERE (account_id, workflow, toStartOfDay(hour)) IN (
    SELECT account_id, workflow, toStartOfDay(hour)
    FROM workflow_hours_rows
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(whole_until)) - 300, 0), 'UTC') FROM sums_rows FINAL WHERE sums = 'workflow_days')
)
GROUP BY account_id, workflow, version_id, trigger_source, day
SETTINGS max_bytes_before_external_group_by = 1000000000, distributed_product_mode = 'global';

-- Told after them. A refresh that began before the last word about its sums says nothing: they may have been emptied since. Nor is
-- it told of sums that have no row yet, as long as which the minutes are as soon read. What the server knows of refreshes it forgets
-- when it stops; then the last word stands, and the next refresh starts from there.

CREATE MATERIALIZED VIEW IF NOT EXISTS sums_told REFRESH EVERY 1 MINUTE
DEPENDS ON step_hours_summed, workflow_hours_summed, step_days_summed, workflow_days_summed APPEND TO sums_rows AS
SELECT refreshed.sums AS sums, refreshed.began AS whole_until, now64(3, 'UTC') AS stored_at
FROM (
    SELECT replaceOne(view, '_summed', '') AS sums, toDateTime(last_success_time, 'UTC') AS began
    FROM system.view_refreshes
    WHERE database = currentDatabase() AND last_success_time IS NOT NULL
) AS refreshed
LEFT JOIN (SELECT sums, stored_at FROM sums_rows FINAL) AS told ON told.sums = refreshed.sums
WHERE refreshed.began > told.stored_at AND refreshed.sums IN (
    SELECT 'step_hours' FROM step_hours_rows LIMIT 1
    UNION ALL
    SELECT 'workflow_hours' FROM workflow_hours_rows LIMIT 1
    UNION ALL
    SELECT 'step_days' FROM step_days_rows LIMIT 1
    UNION ALL
    SELECT 'workflow_days' FROM workflow_days_rows LIMIT 1
);
