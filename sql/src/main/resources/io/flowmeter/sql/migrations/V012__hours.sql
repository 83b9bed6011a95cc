-- Long ranges of all workflows are many minutes, nearly as many as step runs. So the minutes of an hour are summed once more,
-- and here: what the stream would have to keep and to tell again and again, ClickHouse has already.

-- When a row of minutes came in, by the server's clock: which hours are to be summed anew. The rows that are there already
-- came before all others.

ALTER TABLE step_minutes_rows ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT toDateTime(0, 'UTC') CODEC(Delta, ZSTD(1));
ALTER TABLE step_minutes_rows MATERIALIZE COLUMN stored_at SETTINGS mutations_sync = 2;
ALTER TABLE step_minutes_rows MODIFY COLUMN stored_at DEFAULT now('UTC');

ALTER TABLE workflow_minutes_rows ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT toDateTime(0, 'UTC') CODEC(Delta, ZSTD(1));
ALTER TABLE workflow_minutes_rows MATERIALIZE COLUMN stored_at SETTINGS mutations_sync = 2;
ALTER TABLE workflow_minutes_rows MODIFY COLUMN stored_at DEFAULT now('UTC');

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
    attempt_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    stored_at        DateTime('UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (account_id, workflow, hour, step, type, version_id);

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
ORDER BY (account_id, workflow, hour, version_id, trigger_source);

-- Each minute, the hours of which a minute came in since the last time are summed anew, as a whole: an upsert like any other. Five
-- minutes are looked back further, since a row is stamped before it can be seen. After the server was away it goes on where it
-- stopped.

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
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(stored_at)) - 300, 0), 'UTC') FROM step_hours_rows)
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
    WHERE stored_at >= (SELECT toDateTime(greatest(toInt64(max(stored_at)) - 300, 0), 'UTC') FROM workflow_hours_rows)
)
GROUP BY account_id, workflow, version_id, trigger_source, hour
SETTINGS max_bytes_before_external_group_by = 1000000000, distributed_product_mode = 'global';
