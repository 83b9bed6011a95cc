-- Durations take more than all else, and most of them follow from other columns. So of such a column the difference from what
-- follows is stored beside it, which is nearly always nothing; what is there already gets its own.

ALTER TABLE step_runs_rows
    ADD COLUMN IF NOT EXISTS wall_ms_off Nullable(Int64)
        DEFAULT wall_ms - ifNull(dateDiff('millisecond', started_at, ended_at), 0) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS attempt_ms_off Int64
        DEFAULT attempt_ms - ifNull(wall_ms, 0) + ifNull(backoff_ms, 0) CODEC(ZSTD(1));
ALTER TABLE step_runs_rows MATERIALIZE COLUMN wall_ms_off SETTINGS mutations_sync = 2;
ALTER TABLE step_runs_rows MATERIALIZE COLUMN attempt_ms_off SETTINGS mutations_sync = 2;

ALTER TABLE step_attempts_rows
    ADD COLUMN IF NOT EXISTS duration_ms_off Nullable(Int64)
        DEFAULT duration_ms - ifNull(dateDiff('millisecond', started_at, ended_at), 0) CODEC(ZSTD(1));
ALTER TABLE step_attempts_rows MATERIALIZE COLUMN duration_ms_off SETTINGS mutations_sync = 2;

-- Where no step was tried again, attempts took as long as the steps.

ALTER TABLE step_minutes_rows
    ADD COLUMN IF NOT EXISTS attempt_ms_off Int64
        DEFAULT attempt_ms_sum - wall_ms_sum + backoff_ms_sum CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS attempts_as_walls Bool
        DEFAULT attempt_buckets = wall_buckets CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS other_attempt_buckets Map(Int16, Int64)
        DEFAULT if(attempt_buckets = wall_buckets, CAST(map(), 'Map(Int16, Int64)'), attempt_buckets)
        CODEC(ZSTD(3));
ALTER TABLE step_minutes_rows MATERIALIZE COLUMN attempt_ms_off SETTINGS mutations_sync = 2;
ALTER TABLE step_minutes_rows MATERIALIZE COLUMN attempts_as_walls SETTINGS mutations_sync = 2;
ALTER TABLE step_minutes_rows MATERIALIZE COLUMN other_attempt_buckets SETTINGS mutations_sync = 2;
