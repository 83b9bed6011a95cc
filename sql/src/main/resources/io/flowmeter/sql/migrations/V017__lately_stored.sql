-- Each minute, those hours are looked for of which a minute came in lately (V014__whole_sums.sql), and without an index that passes
-- over all minutes that are kept. What came in lately stands together in few grains; the others need not be read.

ALTER TABLE step_minutes_rows ADD INDEX IF NOT EXISTS by_stored_at stored_at TYPE minmax GRANULARITY 1;
ALTER TABLE step_minutes_rows MATERIALIZE INDEX by_stored_at SETTINGS mutations_sync = 2;

ALTER TABLE workflow_minutes_rows ADD INDEX IF NOT EXISTS by_stored_at stored_at TYPE minmax GRANULARITY 1;
ALTER TABLE workflow_minutes_rows MATERIALIZE INDEX by_stored_at SETTINGS mutations_sync = 2;
