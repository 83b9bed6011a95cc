-- Who asks for the runs that live, or for the pauses of runs, few among many, is spared the grains of the tables that hold none:
-- of the first, the least end_kind is not empty.

ALTER TABLE instances_rows ADD INDEX IF NOT EXISTS by_end_kind end_kind TYPE minmax GRANULARITY 1;
ALTER TABLE instances_rows MATERIALIZE INDEX by_end_kind SETTINGS mutations_sync = 2;

ALTER TABLE transitions_rows ADD INDEX IF NOT EXISTS by_from_status from_status TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE transitions_rows MATERIALIZE INDEX by_from_status SETTINGS mutations_sync = 2;
