-- Rollups answer "how did it go" over any range without reading facts. A minute is told in parts, each an upsert like
-- any fact, so that late facts open a new part instead of rewriting old ones; the relation sums the parts.

-- The order puts minute right after the workflow: every chart asks for a workflow's range of minutes.

CREATE TABLE IF NOT EXISTS workflow_minutes_rows
(
    account_id     LowCardinality(String),
    workflow       LowCardinality(String),
    version_id     LowCardinality(String),
    trigger_source LowCardinality(String),
    minute         DateTime('UTC'),
    part           Int64,
    queued         Int64,
    started        Int64,
    completed      Int64,
    errored        Int64,
    terminated     Int64,
    sampled        Int64,
    attempts       Int64,
    retries        Int64,
    lost_ms        Int64,
    run_ms_sum     Int64,
    queue_buckets  Map(Int16, Int64),
    run_buckets    Map(Int16, Int64),
    total_buckets  Map(Int16, Int64),
    revision       Int64,
    deleted        Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (account_id, workflow, minute, version_id, trigger_source, part);

CREATE TABLE IF NOT EXISTS step_minutes_rows
(
    account_id       LowCardinality(String),
    workflow         LowCardinality(String),
    version_id       LowCardinality(String),
    step             LowCardinality(String),
    type             LowCardinality(String),
    minute           DateTime('UTC'),
    part             Int64,
    runs             Int64,
    succeeded        Int64,
    failed           Int64,
    timed_out        Int64,
    unfinished       Int64,
    first_attempt_ok Int64,
    recovered        Int64,
    exhausted        Int64,
    attempts         Int64,
    failed_attempts  Int64,
    retries          Int64,
    lost_ms          Int64,
    wall_ms_sum      Int64,
    attempt_ms_sum   Int64,
    backoff_ms_sum   Int64,
    sampled          Int64,
    wall_buckets     Map(Int16, Int64),
    attempt_buckets  Map(Int16, Int64),
    revision         Int64,
    deleted          Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(minute)
ORDER BY (account_id, workflow, minute, step, type, version_id, part);
