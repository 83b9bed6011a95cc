-- Long ranges of all workflows are nearly as many minutes as step runs. So ClickHouse sums minutes by hour, and hours by
-- day: the stream would have to keep these sums and publish them again with every change.

-- A row of hours is about 1,000 bytes, and a range reads one grain at each end of each workflow: so grains are small.

CREATE TABLE IF NOT EXISTS workflow_hours_rows
(
    account_id     LowCardinality(String),
    workflow       LowCardinality(String),
    version_id     LowCardinality(String),
    trigger_source LowCardinality(String),
    hour           DateTime('UTC') CODEC(Delta, ZSTD(1)),
    queued         Int64 CODEC(T64, ZSTD(1)),
    started        Int64 CODEC(T64, ZSTD(1)),
    completed      Int64 CODEC(T64, ZSTD(1)),
    errored        Int64 CODEC(T64, ZSTD(1)),
    terminated     Int64 CODEC(T64, ZSTD(1)),
    sampled        Int64 CODEC(T64, ZSTD(1)),
    attempts       Int64 CODEC(T64, ZSTD(1)),
    retries        Int64 CODEC(T64, ZSTD(1)),
    lost_ms        Int64 CODEC(T64, ZSTD(1)),
    run_ms_sum     Int64 CODEC(T64, ZSTD(1)),
    queue_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    run_buckets    Map(Int16, Int64) CODEC(ZSTD(3)),
    total_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    stored_at      DateTime('UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (account_id, workflow, hour, version_id, trigger_source)
SETTINGS index_granularity = 256;

CREATE TABLE IF NOT EXISTS step_hours_rows
(
    account_id          LowCardinality(String),
    workflow            LowCardinality(String),
    version_id          LowCardinality(String),
    step                LowCardinality(String),
    type                LowCardinality(String),
    hour                DateTime('UTC') CODEC(Delta, ZSTD(1)),
    runs                Int64 CODEC(T64, ZSTD(1)),
    succeeded           Int64 CODEC(T64, ZSTD(1)),
    failed              Int64 CODEC(T64, ZSTD(1)),
    timed_out           Int64 CODEC(T64, ZSTD(1)),
    unfinished          Int64 CODEC(T64, ZSTD(1)),
    first_attempt_ok    Int64 CODEC(T64, ZSTD(1)),
    recovered           Int64 CODEC(T64, ZSTD(1)),
    exhausted           Int64 CODEC(T64, ZSTD(1)),
    attempts            Int64 CODEC(T64, ZSTD(1)),
    failed_attempts     Int64 CODEC(T64, ZSTD(1)),
    retries             Int64 CODEC(T64, ZSTD(1)),
    lost_ms             Int64 CODEC(T64, ZSTD(1)),
    wall_ms_sum         Int64 CODEC(T64, ZSTD(1)),
    attempt_ms_sum      Int64 CODEC(T64, ZSTD(1)),
    backoff_ms_sum      Int64 CODEC(T64, ZSTD(1)),
    sampled             Int64 CODEC(T64, ZSTD(1)),
    wall_buckets        Map(Int16, Int64) CODEC(ZSTD(3)),
    attempt_buckets     Map(Int16, Int64) EPHEMERAL,
    attempt_buckets_off Map(Int16, Int64)
        DEFAULT mapFilter((bucket, n) -> n != 0, mapSubtract(attempt_buckets, wall_buckets)) CODEC(ZSTD(3)),
    stored_at           DateTime('UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (account_id, workflow, hour, step, type, version_id)
SETTINGS index_granularity = 256;

CREATE TABLE IF NOT EXISTS workflow_days_rows
(
    account_id     LowCardinality(String),
    workflow       LowCardinality(String),
    version_id     LowCardinality(String),
    trigger_source LowCardinality(String),
    day            DateTime('UTC') CODEC(Delta, ZSTD(1)),
    queued         Int64 CODEC(T64, ZSTD(1)),
    started        Int64 CODEC(T64, ZSTD(1)),
    completed      Int64 CODEC(T64, ZSTD(1)),
    errored        Int64 CODEC(T64, ZSTD(1)),
    terminated     Int64 CODEC(T64, ZSTD(1)),
    sampled        Int64 CODEC(T64, ZSTD(1)),
    attempts       Int64 CODEC(T64, ZSTD(1)),
    retries        Int64 CODEC(T64, ZSTD(1)),
    lost_ms        Int64 CODEC(T64, ZSTD(1)),
    run_ms_sum     Int64 CODEC(T64, ZSTD(1)),
    queue_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    run_buckets    Map(Int16, Int64) CODEC(ZSTD(3)),
    total_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    stored_at      DateTime('UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(day)
ORDER BY (account_id, workflow, day, version_id, trigger_source)
SETTINGS index_granularity = 256;

CREATE TABLE IF NOT EXISTS step_days_rows
(
    account_id          LowCardinality(String),
    workflow            LowCardinality(String),
    version_id          LowCardinality(String),
    step                LowCardinality(String),
    type                LowCardinality(String),
    day                 DateTime('UTC') CODEC(Delta, ZSTD(1)),
    runs                Int64 CODEC(T64, ZSTD(1)),
    succeeded           Int64 CODEC(T64, ZSTD(1)),
    failed              Int64 CODEC(T64, ZSTD(1)),
    timed_out           Int64 CODEC(T64, ZSTD(1)),
    unfinished          Int64 CODEC(T64, ZSTD(1)),
    first_attempt_ok    Int64 CODEC(T64, ZSTD(1)),
    recovered           Int64 CODEC(T64, ZSTD(1)),
    exhausted           Int64 CODEC(T64, ZSTD(1)),
    attempts            Int64 CODEC(T64, ZSTD(1)),
    failed_attempts     Int64 CODEC(T64, ZSTD(1)),
    retries             Int64 CODEC(T64, ZSTD(1)),
    lost_ms             Int64 CODEC(T64, ZSTD(1)),
    wall_ms_sum         Int64 CODEC(T64, ZSTD(1)),
    attempt_ms_sum      Int64 CODEC(T64, ZSTD(1)),
    backoff_ms_sum      Int64 CODEC(T64, ZSTD(1)),
    sampled             Int64 CODEC(T64, ZSTD(1)),
    wall_buckets        Map(Int16, Int64) CODEC(ZSTD(3)),
    attempt_buckets_off Map(Int16, Int64) CODEC(ZSTD(3)),
    stored_at           DateTime('UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(day)
ORDER BY (account_id, workflow, day, step, type, version_id)
SETTINGS index_granularity = 256;

-- Until when each of them is whole. Only a refresh that ended well moves this time: the hours of a refresh that was
-- cancelled, or whose server was killed, are summed again.

CREATE TABLE IF NOT EXISTS sums_rows
(
    sums        LowCardinality(String) COMMENT 'step_hours, workflow_hours, step_days or workflow_days',
    whole_until DateTime('UTC') COMMENT 'the begin of the latest refresh that is known to have ended well; 0: sum all',
    stored_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY sums;

-- Each minute, the hours of which a minute came in since then are summed again, as a whole: an upsert like any other.
-- They look back 5 minutes further, because a row gets its `stored_at` before it can be read.

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

-- Days follow the hours, so that no day is summed while its hours are written.

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

-- Publishes the start of the last refresh that ended well, after all four. It skips a refresh that began before the last
-- entry, because the sums may have been emptied since. It also skips sums without a row: minutes are read as fast. A
-- server forgets its refreshes when it stops; then the last entry stays, and the next refresh starts from there.

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
