-- The account's workflows and their versions. They are kept after the API forgets them, because facts outlive both and
-- refer to them by name.

CREATE TABLE IF NOT EXISTS workflows_rows
(
    account_id   LowCardinality(String),
    workflow     LowCardinality(String),
    workflow_id  Nullable(String),
    class_name   Nullable(String),
    script_name  Nullable(String),
    created_at   Nullable(DateTime64(3, 'UTC')),
    modified_at  Nullable(DateTime64(3, 'UTC')),
    triggered_at Nullable(DateTime64(3, 'UTC')),
    deleted_at   Nullable(DateTime64(3, 'UTC')),
    observed_at  DateTime64(3, 'UTC'),
    revision     Int64,
    deleted      Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
ORDER BY (account_id, workflow);

CREATE TABLE IF NOT EXISTS versions_rows
(
    account_id  LowCardinality(String),
    workflow    LowCardinality(String),
    version_id  String,
    created_at  Nullable(DateTime64(3, 'UTC')),
    modified_at Nullable(DateTime64(3, 'UTC')),
    class_name  Nullable(String),
    has_dag     Nullable(Bool),
    step_limit  Nullable(Int64),
    language    Nullable(String),
    observed_at DateTime64(3, 'UTC'),
    revision    Int64,
    deleted     Bool
)
ENGINE = ReplacingMergeTree(revision, deleted)
ORDER BY (account_id, workflow, version_id);
