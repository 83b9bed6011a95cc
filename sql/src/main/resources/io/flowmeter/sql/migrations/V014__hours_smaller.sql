-- The buckets of attempts of an hour are there as a difference (V013__days.sql): what it is a difference of can go. It is
-- written as ever, and used by the default of the difference.

-- This is a migration of its own, since the one before cannot be repeated after it.

ALTER TABLE step_hours_rows MODIFY COLUMN attempt_buckets Map(Int16, Int64) EPHEMERAL;
