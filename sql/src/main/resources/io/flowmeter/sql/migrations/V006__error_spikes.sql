-- Episodes in which a workflow's errors were improbable given its own recent past. The stream finds them minutes after
-- they begin. They are kept as long as the facts that they are made of.

CREATE TABLE IF NOT EXISTS error_spikes_rows
(
    account_id     LowCardinality(String),
    workflow       LowCardinality(String),
    opened_at      DateTime64(3, 'UTC'),
    closed_at      Nullable(DateTime64(3, 'UTC')),
    errored        Int64,
    finished       Int64,
    observed_share Float64,
    baseline_share Float64,
    score          Float64 COMMENT '-log10 of the probability of what was seen',
    error_groups   Array(String),
    revision       Int64,
    deleted        Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(opened_at)
ORDER BY (account_id, workflow, opened_at);
