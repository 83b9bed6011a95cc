-- Ranges of weeks are hundreds of hours of each step, and what costs time are the buckets of their durations. So hours are
-- summed once more, by days, whose buckets are little more than those of an hour.

-- The tables of hours are made anew, and summed anew within a minute. A row of theirs is a thousand bytes, and a range of hours of
-- all workflows read 8,192 rows at each end of each workflow: grains are smaller now. And where no step was tried again, attempts
-- took as long as the steps: of their buckets the difference is stored, as of minutes, which pays for the days.

DROP TABLE IF EXISTS step_hours_rows SYNC;

CREATE TABLE IF NOT EXISTS step_hours_rows
(
    account_id       LowCardinality(String),
    workflow         LowCardinality(String),
    version_id       LowCardinality(String),
    step             LowCardinality(String),
    type             LowCardinality(String),
    hour             DateTime('UTC') CODEC(Delta, ZSTD(1)),
    runs             Int64 CODEC(T64, ZSTD(1)),
    succeeded        Int64 CODEC(T64, ZSTD(1)),
    failed           Int64 CODEC(T64, ZSTD(1)),
    timed_out        Int64 CODEC(T64, ZSTD(1)),
    unfinished       Int64 CODEC(T64, ZSTD(1)),
    first_attempt_ok Int64 CODEC(T64, ZSTD(1)),
    recovered        Int64 CODEC(T64, ZSTD(1)),
    exhausted        Int64 CODEC(T64, ZSTD(1)),
    attempts         Int64 CODEC(T64, ZSTD(1)),
    failed_attempts  Int64 CODEC(T64, ZSTD(1)),
    retries          Int64 CODEC(T64, ZSTD(1)),
    lost_ms          Int64 CODEC(T64, ZSTD(1)),
    wall_ms_sum      Int64 CODEC(T64, ZSTD(1)),
    attempt_ms_sum   Int64 CODEC(T64, ZSTD(1)),
    backoff_ms_sum   Int64 CODEC(T64, ZSTD(1)),
    sampled          Int64 CODEC(T64, ZSTD(1)),
    wall_buckets     Map(Int16, Int64) CODEC(ZSTD(3)),
    attempt_buckets  Map(Int16, Int64) EPHEMERAL,
    attempt_buckets_off Map(Int16, Int64)
        DEFAULT mapFilter((bucket, n) -> n != 0, mapSubtract(attempt_buckets, wall_buckets)) CODEC(ZSTD(3)),
    stored_at        DateTime('UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (account_id, workflow, hour, step, type, version_id)
SETTINGS index_granularity = 256;

DROP TABLE IF EXISTS workflow_hours_rows SYNC;

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

-- In the manner of hours (V012__hours.sql): the days of which an hour was stored since the last time are summed anew, as a whole,
-- and not before the hours are, so that no day is summed while they are being written.

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
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(stored_at)) - 300, 0), 'UTC') FROM step_days_rows)
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
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(stored_at)) - 300, 0), 'UTC') FROM workflow_days_rows)
)
GROUP BY account_id, workflow, version_id, trigger_source, day
SETTINGS max_bytes_before_external_group_by = 1000000000, distributed_product_mode = 'global';
