-- How many instances are in which status, now and over time, next to what the API itself reports: so the counts of
-- Flowmeter can be compared with their source.

CREATE TABLE IF NOT EXISTS status_counts_rows
(
    account_id LowCardinality(String),
    workflow   LowCardinality(String),
    status     LowCardinality(String),
    minute     DateTime('UTC'),
    count      Int64,
    reported   Nullable(Int64),
    drift      Nullable(Int64),
    revision   Int64,
    deleted    Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (account_id, workflow, minute, status);

CREATE TABLE IF NOT EXISTS status_counts_now_rows
(
    account_id   LowCardinality(String),
    workflow     LowCardinality(String),
    status       LowCardinality(String),
    count        Int64,
    reported     Nullable(Int64),
    drift        Nullable(Int64),
    drift_sweeps Int32,
    as_of        DateTime64(3, 'UTC'),
    revision     Int64,
    deleted      Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
ORDER BY (account_id, workflow, status);
