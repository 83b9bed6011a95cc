-- How the processes that derive and write are doing, minute by minute: how far behind, and how large their state is. Lag that
-- only the processes themselves can tell would be gone with them; here it can be looked back at, beside what they wrote.

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
