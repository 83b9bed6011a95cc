-- Facts: runs, their transitions, steps and attempts. A fact is written again when it is corrected, so each row is an
-- upsert by key: the highest revision wins, and a deleted row stays, so that no older repeat brings the fact back.

-- Order and partitions. `run`, a time, comes before `instance_id`: a day of a workflow is one range of the table. A
-- partition is a month of the same `run`, so all revisions of a key share a partition and expire together.
--
-- Indexes. They serve conditions on other times, on `instance_id` alone, on an error group, and on what is rare: pauses,
-- and live runs, whose `end_kind` is empty.
--
-- Codecs. Facts are most of what is stored. Each codec was the smallest on a day of 800,000 step runs with UUID ids,
-- log-normal durations and 5 % retries; sql/README.md has the sizes. Rows of a run are neighbours in time, so of a time
-- only the difference from the row before is new. Durations and counts have empty high bits. Ids and messages repeat.
-- Columns without a codec are nearly constant; LZ4, the default, is the smallest for them.

CREATE TABLE IF NOT EXISTS instances_rows
(
    account_id      LowCardinality(String),
    workflow        LowCardinality(String),
    instance_id     String CODEC(ZSTD(1)),
    run             Int64 COMMENT 'Names the life of the instance, in epoch milliseconds' CODEC(Delta, ZSTD(1)),
    is_newest       Bool,
    version_id      LowCardinality(String),
    trigger_source  LowCardinality(String),
    status          LowCardinality(String),
    queued_at       Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    started_at      Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    ended_at        Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    end_kind        LowCardinality(String) COMMENT 'api, superseded or vanished; empty while the run lives',
    reopened        Int32,
    queue_ms        Nullable(Int64) CODEC(T64, ZSTD(1)),
    run_ms          Nullable(Int64) CODEC(T64, ZSTD(1)),
    total_ms        Nullable(Int64) CODEC(T64, ZSTD(1)),
    active_ms       Nullable(Int64) CODEC(T64, ZSTD(1)),
    sleep_ms        Nullable(Int64) CODEC(T64, ZSTD(1)),
    event_wait_ms   Nullable(Int64),
    lost_ms         Nullable(Int64) CODEC(T64, ZSTD(1)),
    paused_ms       Nullable(Int64),
    step_count      Nullable(Int32),
    attempts        Nullable(Int64),
    retries         Nullable(Int64),
    failed_step     Nullable(String),
    error_name      Nullable(String),
    error_message   Nullable(String) CODEC(ZSTD(1)),
    error_group     Nullable(String) CODEC(ZSTD(1)),
    error_pattern   Nullable(String),
    current_step    Nullable(String),
    current_type    Nullable(String),
    current_since   Nullable(DateTime64(3, 'UTC')),
    current_attempt Nullable(Int32),
    weight          Int64,
    detail_at       Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    observed_at     DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    inserted_at     DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(ZSTD(1)),
    revision        Int64 CODEC(T64, ZSTD(1)),
    deleted         Bool,

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_queued_at queued_at TYPE minmax GRANULARITY 1,
    INDEX by_started_at started_at TYPE minmax GRANULARITY 1,
    INDEX by_ended_at ended_at TYPE minmax GRANULARITY 1,
    INDEX by_error_group error_group TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_end_kind end_kind TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id);

CREATE TABLE IF NOT EXISTS transitions_rows
(
    account_id  LowCardinality(String),
    workflow    LowCardinality(String),
    instance_id String CODEC(ZSTD(3)),
    run         Int64 CODEC(ZSTD(1)),
    seq         Int32,
    from_status LowCardinality(String),
    to_status   LowCardinality(String),
    at          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    at_is_exact Bool,
    not_before  DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    previous_ms Int64 CODEC(T64, ZSTD(1)),
    revision    Int64 CODEC(ZSTD(1)),
    deleted     Bool,

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_at at TYPE minmax GRANULARITY 1,
    INDEX by_from_status from_status TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id, seq);

-- Most durations follow from other columns. So the table stores the difference (`…_off`), which is nearly always 0. The
-- duration itself is EPHEMERAL: it is inserted, the defaults use it, and the relation adds both up again.

CREATE TABLE IF NOT EXISTS step_runs_rows
(
    account_id       LowCardinality(String),
    workflow         LowCardinality(String),
    instance_id      String CODEC(ZSTD(3)),
    run              Int64 CODEC(ZSTD(1)),
    step_index       Int32,
    step             LowCardinality(String),
    step_name        String CODEC(ZSTD(3)),
    type             LowCardinality(String),
    outcome          LowCardinality(String),
    started_at       Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    ended_at         Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    wall_ms          Nullable(Int64) EPHEMERAL,
    attempt_ms       Int64 EPHEMERAL,
    backoff_ms       Nullable(Int64) CODEC(ZSTD(1)),
    attempts         Int32 CODEC(T64, ZSTD(1)),
    retries          Int32 CODEC(T64, ZSTD(1)),
    retry_limit      Nullable(Int64),
    backoff          LowCardinality(String),
    timeout_ms       Nullable(Int64),
    error_name       Nullable(String) CODEC(ZSTD(1)),
    error_message    Nullable(String) CODEC(ZSTD(1)),
    error_group      Nullable(String) CODEC(ZSTD(1)),
    version_id       LowCardinality(String),
    weight           Int64,
    first_attempt_ok Bool CODEC(ZSTD(1)),
    failed_attempts  Int32 CODEC(T64, ZSTD(1)),
    lost_ms          Int64 CODEC(ZSTD(1)),
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    revision         Int64 CODEC(ZSTD(1)),
    deleted          Bool,
    wall_ms_off      Nullable(Int64)
        DEFAULT wall_ms - ifNull(dateDiff('millisecond', started_at, ended_at), 0) CODEC(ZSTD(1)),
    attempt_ms_off   Int64
        DEFAULT attempt_ms - ifNull(wall_ms, 0) + ifNull(backoff_ms, 0) CODEC(ZSTD(1)),

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_started_at started_at TYPE minmax GRANULARITY 1,
    INDEX by_ended_at ended_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id, step_index);

CREATE TABLE IF NOT EXISTS step_attempts_rows
(
    account_id        LowCardinality(String),
    workflow          LowCardinality(String),
    instance_id       String CODEC(ZSTD(3)),
    run               Int64 CODEC(ZSTD(1)),
    step_index        Int32 CODEC(ZSTD(1)),
    attempt           Int32 CODEC(ZSTD(1)),
    step              LowCardinality(String) CODEC(ZSTD(1)),
    type              LowCardinality(String),
    version_id        LowCardinality(String),
    started_at        Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    ended_at          Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    success           Nullable(Bool) CODEC(ZSTD(1)),
    duration_ms       Nullable(Int64) EPHEMERAL,
    backoff_before_ms Nullable(Int64) CODEC(ZSTD(1)),
    error_name        Nullable(String) CODEC(ZSTD(1)),
    error_message     Nullable(String) CODEC(ZSTD(1)),
    weight            Int64 CODEC(T64, ZSTD(1)),
    revision          Int64 CODEC(ZSTD(1)),
    deleted           Bool,
    duration_ms_off   Nullable(Int64)
        DEFAULT duration_ms - ifNull(dateDiff('millisecond', started_at, ended_at), 0) CODEC(ZSTD(1)),

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_started_at started_at TYPE minmax GRANULARITY 1,
    INDEX by_ended_at ended_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id, step_index, attempt);
