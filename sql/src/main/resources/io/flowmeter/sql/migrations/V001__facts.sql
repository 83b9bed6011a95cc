-- Facts are told many times: observations repeat, come late, and are corrected. So every row is an upsert by its key,
-- the row of the highest revision wins, and a fact taken back stays as a deleted row that older repeats cannot undo.

-- The order puts run, a time, before instance_id: a day of a workflow is then one range of the table instead of a
-- grain of each of its parts. Partitions are months of the same run, so that all rows of a key share one partition.

CREATE TABLE IF NOT EXISTS instances_rows
(
    account_id      LowCardinality(String),
    workflow        LowCardinality(String),
    instance_id     String,
    run             Int64 COMMENT 'Names the life of the instance, in epoch milliseconds',
    is_newest       Bool,
    version_id      LowCardinality(String),
    trigger_source  LowCardinality(String),
    status          LowCardinality(String),
    queued_at       Nullable(DateTime64(3, 'UTC')),
    started_at      Nullable(DateTime64(3, 'UTC')),
    ended_at        Nullable(DateTime64(3, 'UTC')),
    end_kind        LowCardinality(String) COMMENT 'api, superseded or vanished; empty while the run lives',
    reopened        Int32,
    queue_ms        Nullable(Int64),
    run_ms          Nullable(Int64),
    total_ms        Nullable(Int64),
    active_ms       Nullable(Int64),
    sleep_ms        Nullable(Int64),
    event_wait_ms   Nullable(Int64),
    lost_ms         Nullable(Int64),
    paused_ms       Nullable(Int64),
    step_count      Nullable(Int32),
    attempts        Nullable(Int64),
    retries         Nullable(Int64),
    failed_step     Nullable(String),
    error_name      Nullable(String),
    error_message   Nullable(String),
    error_group     Nullable(String),
    current_step    Nullable(String),
    current_type    Nullable(String),
    current_since   Nullable(DateTime64(3, 'UTC')),
    current_attempt Nullable(Int32),
    weight          Int64,
    detail_at       Nullable(DateTime64(3, 'UTC')),
    observed_at     DateTime64(3, 'UTC'),
    inserted_at     DateTime64(3, 'UTC') DEFAULT now64(3),
    revision        Int64,
    deleted         Bool,

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_queued_at queued_at TYPE minmax GRANULARITY 1,
    INDEX by_started_at started_at TYPE minmax GRANULARITY 1,
    INDEX by_ended_at ended_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id);

CREATE TABLE IF NOT EXISTS transitions_rows
(
    account_id  LowCardinality(String),
    workflow    LowCardinality(String),
    instance_id String,
    run         Int64,
    seq         Int32,
    from_status LowCardinality(String),
    to_status   LowCardinality(String),
    at          DateTime64(3, 'UTC'),
    at_is_exact Bool,
    not_before  DateTime64(3, 'UTC'),
    previous_ms Int64,
    revision    Int64,
    deleted     Bool,

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_at at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id, seq);

CREATE TABLE IF NOT EXISTS step_runs_rows
(
    account_id       LowCardinality(String),
    workflow         LowCardinality(String),
    instance_id      String,
    run              Int64,
    step_index       Int32,
    step             LowCardinality(String),
    step_name        String,
    type             LowCardinality(String),
    outcome          LowCardinality(String),
    started_at       Nullable(DateTime64(3, 'UTC')),
    ended_at         Nullable(DateTime64(3, 'UTC')),
    wall_ms          Nullable(Int64),
    attempt_ms       Int64,
    backoff_ms       Nullable(Int64),
    attempts         Int32,
    retries          Int32,
    retry_limit      Nullable(Int64),
    backoff          LowCardinality(String),
    timeout_ms       Nullable(Int64),
    error_name       Nullable(String),
    error_message    Nullable(String),
    error_group      Nullable(String),
    version_id       LowCardinality(String),
    weight           Int64,
    first_attempt_ok Bool,
    failed_attempts  Int32,
    lost_ms          Int64,
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3),
    revision         Int64,
    deleted          Bool,

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
    instance_id       String,
    run               Int64,
    step_index        Int32,
    attempt           Int32,
    step              LowCardinality(String),
    type              LowCardinality(String),
    version_id        LowCardinality(String),
    started_at        Nullable(DateTime64(3, 'UTC')),
    ended_at          Nullable(DateTime64(3, 'UTC')),
    success           Nullable(Bool),
    duration_ms       Nullable(Int64),
    backoff_before_ms Nullable(Int64),
    error_name        Nullable(String),
    error_message     Nullable(String),
    weight            Int64,
    revision          Int64,
    deleted           Bool,

    INDEX by_instance_id instance_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_started_at started_at TYPE minmax GRANULARITY 1,
    INDEX by_ended_at ended_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(run, 'UTC'))
ORDER BY (account_id, workflow, run, instance_id, step_index, attempt);
