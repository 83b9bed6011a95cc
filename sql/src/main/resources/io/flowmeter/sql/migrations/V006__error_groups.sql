-- Errors that differ only in ids and numbers are one group, which runs name: its pattern is what they have in common. A
-- relation of its own would have to be corrected with each run that is; so it is a view on the runs, and can only agree.

ALTER TABLE instances_rows ADD COLUMN IF NOT EXISTS error_pattern Nullable(String) AFTER error_group;

-- From a group to its runs, as from an instance to its own.

ALTER TABLE instances_rows ADD INDEX IF NOT EXISTS by_error_group error_group TYPE bloom_filter(0.01) GRANULARITY 1;
