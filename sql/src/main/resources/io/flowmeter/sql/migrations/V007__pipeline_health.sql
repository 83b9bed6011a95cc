-- How collecting and streaming went, minute by minute: what was requested, fetched and lost, how large the lag and the
-- state are. Only the processes know this, and it would be gone with them.

-- A process writes running totals of its own minutes, so a row is an upsert like any other. The relations sum over
-- processes.

CREATE TABLE IF NOT EXISTS collector_minutes_rows
(
    account_id       LowCardinality(String),
    minute           DateTime('UTC') COMMENT 'Of the collector''s own clock',
    process          String,
    requests         Int64,
    rejected_429     Int64,
    failed           Int64,
    budget_left      Nullable(Int64),
    known            Int64,
    fetched          Int64,
    lost_sampled_out Int64,
    lost_restarted   Int64,
    lost_vanished    Int64,
    skipped_rows     Int64,
    late_ignored     Int64,
    dead_letters     Int64,
    observed_at      DateTime64(3, 'UTC'),
    revision         Int64,
    deleted          Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (account_id, minute, process);

CREATE TABLE IF NOT EXISTS stream_minutes_rows
(
    minute        DateTime('UTC') COMMENT 'Of the process'' own clock',
    process       String,
    topology_lag  Nullable(Int64),
    writer_lag    Nullable(Int64),
    rows_written  Int64,
    failures      Int64,
    store_bytes   Int64,
    store_entries Int64,
    observed_at   DateTime64(3, 'UTC'),
    revision      Int64,
    deleted       Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, process);
