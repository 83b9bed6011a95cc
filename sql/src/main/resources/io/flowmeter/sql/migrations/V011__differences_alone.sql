-- The differences are there: what they are differences of can go. It is written as ever, for an EPHEMERAL column can be
-- inserted and be used by defaults; the relations add both up again, whatever was told, so that no value gets lost.

-- This is a migration of its own, since the one before cannot be repeated after it.

ALTER TABLE step_runs_rows
    MODIFY COLUMN wall_ms Nullable(Int64) EPHEMERAL,
    MODIFY COLUMN attempt_ms Int64 EPHEMERAL;

ALTER TABLE step_attempts_rows
    MODIFY COLUMN duration_ms Nullable(Int64) EPHEMERAL;

ALTER TABLE step_minutes_rows
    MODIFY COLUMN attempt_ms_sum Int64 EPHEMERAL,
    MODIFY COLUMN attempt_buckets Map(Int16, Int64) EPHEMERAL;
