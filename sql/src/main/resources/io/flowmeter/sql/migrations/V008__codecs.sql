-- Facts are most of what is stored, and LZ4, the default, leaves half of it. Each codec is the smallest on a day of 800,000
-- step runs as production has them (UUID ids, log-normal durations, 5 % retries); sql/README.md tells the sizes.

-- Rows of a run stand together in time: of times only the step from row to row is new. Of durations and counts, the high
-- bits are empty. Ids and messages repeat from row to row. Columns that are nearly constant stay as they are: LZ4 is
-- smallest for them. Rows are compressed anew as merges come; until then both ways are read alike.

ALTER TABLE step_runs_rows
    MODIFY COLUMN run CODEC(ZSTD(1)),
    MODIFY COLUMN instance_id CODEC(ZSTD(1)),
    MODIFY COLUMN step_name CODEC(ZSTD(1)),
    MODIFY COLUMN started_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN ended_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN inserted_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN wall_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN attempt_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN backoff_ms CODEC(ZSTD(1)),
    MODIFY COLUMN lost_ms CODEC(ZSTD(1)),
    MODIFY COLUMN attempts CODEC(T64, ZSTD(1)),
    MODIFY COLUMN retries CODEC(T64, ZSTD(1)),
    MODIFY COLUMN failed_attempts CODEC(T64, ZSTD(1)),
    MODIFY COLUMN first_attempt_ok CODEC(ZSTD(1)),
    MODIFY COLUMN error_message CODEC(ZSTD(1)),
    MODIFY COLUMN revision CODEC(T64, ZSTD(1));

ALTER TABLE step_attempts_rows
    MODIFY COLUMN run CODEC(ZSTD(1)),
    MODIFY COLUMN instance_id CODEC(ZSTD(1)),
    MODIFY COLUMN step_index CODEC(ZSTD(1)),
    MODIFY COLUMN attempt CODEC(ZSTD(1)),
    MODIFY COLUMN step CODEC(ZSTD(1)),
    MODIFY COLUMN started_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN ended_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN success CODEC(ZSTD(1)),
    MODIFY COLUMN duration_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN backoff_before_ms CODEC(ZSTD(1)),
    MODIFY COLUMN error_message CODEC(ZSTD(1)),
    MODIFY COLUMN weight CODEC(T64, ZSTD(1)),
    MODIFY COLUMN revision CODEC(T64, ZSTD(1));

ALTER TABLE instances_rows
    MODIFY COLUMN run CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN instance_id CODEC(ZSTD(1)),
    MODIFY COLUMN queued_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN started_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN ended_at CODEC(ZSTD(1)),
    MODIFY COLUMN detail_at CODEC(ZSTD(1)),
    MODIFY COLUMN observed_at CODEC(ZSTD(1)),
    MODIFY COLUMN inserted_at CODEC(ZSTD(1)),
    MODIFY COLUMN queue_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN run_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN total_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN active_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN sleep_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN lost_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN error_message CODEC(ZSTD(1)),
    MODIFY COLUMN error_group CODEC(ZSTD(1)),
    MODIFY COLUMN revision CODEC(T64, ZSTD(1));

ALTER TABLE transitions_rows
    MODIFY COLUMN run CODEC(ZSTD(1)),
    MODIFY COLUMN instance_id CODEC(ZSTD(1)),
    MODIFY COLUMN at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN not_before CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN previous_ms CODEC(T64, ZSTD(1));

-- Most counts of a minute are 0 or 1. part is a hash, which nothing makes smaller.

ALTER TABLE step_minutes_rows
    MODIFY COLUMN minute CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN step CODEC(ZSTD(1)),
    MODIFY COLUMN version_id CODEC(ZSTD(1)),
    MODIFY COLUMN part CODEC(NONE),
    MODIFY COLUMN runs CODEC(T64, ZSTD(1)),
    MODIFY COLUMN succeeded CODEC(T64, ZSTD(1)),
    MODIFY COLUMN failed CODEC(T64, ZSTD(1)),
    MODIFY COLUMN first_attempt_ok CODEC(T64, ZSTD(1)),
    MODIFY COLUMN recovered CODEC(T64, ZSTD(1)),
    MODIFY COLUMN attempts CODEC(T64, ZSTD(1)),
    MODIFY COLUMN failed_attempts CODEC(T64, ZSTD(1)),
    MODIFY COLUMN retries CODEC(T64, ZSTD(1)),
    MODIFY COLUMN lost_ms CODEC(ZSTD(1)),
    MODIFY COLUMN wall_ms_sum CODEC(T64, ZSTD(1)),
    MODIFY COLUMN attempt_ms_sum CODEC(T64, ZSTD(1)),
    MODIFY COLUMN backoff_ms_sum CODEC(T64, ZSTD(1)),
    MODIFY COLUMN sampled CODEC(T64, ZSTD(1)),
    MODIFY COLUMN wall_buckets CODEC(ZSTD(3)),
    MODIFY COLUMN attempt_buckets CODEC(ZSTD(3)),
    MODIFY COLUMN revision CODEC(T64, ZSTD(1));

ALTER TABLE workflow_minutes_rows
    MODIFY COLUMN minute CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN part CODEC(NONE),
    MODIFY COLUMN queued CODEC(T64, ZSTD(1)),
    MODIFY COLUMN started CODEC(T64, ZSTD(1)),
    MODIFY COLUMN completed CODEC(T64, ZSTD(1)),
    MODIFY COLUMN errored CODEC(T64, ZSTD(1)),
    MODIFY COLUMN sampled CODEC(T64, ZSTD(1)),
    MODIFY COLUMN attempts CODEC(T64, ZSTD(1)),
    MODIFY COLUMN retries CODEC(T64, ZSTD(1)),
    MODIFY COLUMN lost_ms CODEC(ZSTD(1)),
    MODIFY COLUMN run_ms_sum CODEC(T64, ZSTD(1)),
    MODIFY COLUMN queue_buckets CODEC(ZSTD(3)),
    MODIFY COLUMN run_buckets CODEC(ZSTD(3)),
    MODIFY COLUMN total_buckets CODEC(ZSTD(3)),
    MODIFY COLUMN revision CODEC(T64, ZSTD(1));
