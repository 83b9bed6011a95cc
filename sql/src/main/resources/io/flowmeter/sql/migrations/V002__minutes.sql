-- Minutes answer "how did it go" over any range without reading facts. A minute is written in parts, each an upsert like
-- a fact. A late fact opens a new part and does not rewrite an older one; the relations sum the parts.

-- `minute` comes right after the workflow in the order: a chart reads a workflow's range of minutes.
--
-- `stored_at` is when the row came in, by the server's clock. It decides which hours are summed again
-- (V003__hours_and_days.sql). The rows that came in lately are in few grains, which the index finds.
--
-- Codecs are chosen as for facts (V001__facts.sql). Most counts are 0 or 1. All minutes that one change of a run opens
-- have parts of the same name and the same revision, so both repeat from row to row.

CREATE TABLE IF NOT EXISTS workflow_minutes_rows
(
    account_id     LowCardinality(String),
    workflow       LowCardinality(String),
    version_id     LowCardinality(String),
    trigger_source LowCardinality(String),
    minute         DateTime('UTC') CODEC(Delta, ZSTD(1)),
    part           Int64 CODEC(ZSTD(1)),
    queued         Int64 CODEC(T64, ZSTD(1)),
    started        Int64 CODEC(T64, ZSTD(1)),
    completed      Int64 CODEC(T64, ZSTD(1)),
    errored        Int64 CODEC(T64, ZSTD(1)),
    terminated     Int64,
    sampled        Int64 CODEC(T64, ZSTD(1)),
    attempts       Int64 CODEC(T64, ZSTD(1)),
    retries        Int64 CODEC(T64, ZSTD(1)),
    lost_ms        Int64 CODEC(ZSTD(1)),
    run_ms_sum     Int64 CODEC(T64, ZSTD(1)),
    queue_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    run_buckets    Map(Int16, Int64) CODEC(ZSTD(3)),
    total_buckets  Map(Int16, Int64) CODEC(ZSTD(3)),
    revision       Int64 CODEC(ZSTD(1)),
    deleted        Bool,
    stored_at      DateTime('UTC') DEFAULT now('UTC') CODEC(Delta, ZSTD(1)),

    INDEX by_stored_at stored_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (account_id, workflow, minute, version_id, trigger_source, part);

-- If no step was retried, attempts took as long as their steps: then the table stores only that, and no buckets of
-- attempts. `attempt_ms_sum` and `attempt_buckets` are EPHEMERAL, as durations of facts are.

CREATE TABLE IF NOT EXISTS step_minutes_rows
(
    account_id        LowCardinality(String),
    workflow          LowCardinality(String),
    version_id        LowCardinality(String) CODEC(ZSTD(1)),
    step              LowCardinality(String) CODEC(ZSTD(1)),
    type              LowCardinality(String),
    minute            DateTime('UTC') CODEC(Delta, ZSTD(1)),
    part              Int64 CODEC(ZSTD(1)),
    runs              Int64 CODEC(T64, ZSTD(1)),
    succeeded         Int64 CODEC(T64, ZSTD(1)),
    failed            Int64 CODEC(T64, ZSTD(1)),
    timed_out         Int64,
    unfinished        Int64,
    first_attempt_ok  Int64 CODEC(T64, ZSTD(1)),
    recovered         Int64 CODEC(T64, ZSTD(1)),
    exhausted         Int64,
    attempts          Int64 CODEC(T64, ZSTD(1)),
    failed_attempts   Int64 CODEC(T64, ZSTD(1)),
    retries           Int64 CODEC(T64, ZSTD(1)),
    lost_ms           Int64 CODEC(ZSTD(1)),
    wall_ms_sum       Int64 CODEC(T64, ZSTD(1)),
    attempt_ms_sum    Int64 EPHEMERAL,
    backoff_ms_sum    Int64 CODEC(T64, ZSTD(1)),
    sampled           Int64 CODEC(T64, ZSTD(1)),
    wall_buckets      Map(Int16, Int64) CODEC(ZSTD(3)),
    attempt_buckets   Map(Int16, Int64) EPHEMERAL,
    revision          Int64 CODEC(ZSTD(1)),
    deleted           Bool,
    attempt_ms_off    Int64
        DEFAULT attempt_ms_sum - wall_ms_sum + backoff_ms_sum CODEC(ZSTD(1)),
    attempts_as_walls Bool
        DEFAULT attempt_buckets = wall_buckets CODEC(ZSTD(1)),
    other_attempt_buckets Map(Int16, Int64)
        DEFAULT if(attempt_buckets = wall_buckets, CAST(map(), 'Map(Int16, Int64)'), attempt_buckets)
        CODEC(ZSTD(3)),
    stored_at         DateTime('UTC') DEFAULT now('UTC') CODEC(Delta, ZSTD(1)),

    INDEX by_stored_at stored_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (account_id, workflow, minute, step, type, version_id, part);
