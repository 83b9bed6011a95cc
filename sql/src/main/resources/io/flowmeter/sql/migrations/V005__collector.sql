-- What collecting itself did: how the request budget was used, what was fetched of what was known, what was lost and why.
-- Each process tells running totals of its own minutes, so that a row is an upsert like any other; the relation sums them.

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
