-- Pauses are few among many changes of status: who asks for them is spared the grains that hold none. An index on end_kind, which
-- would spare those without a live run, gained nothing that queries do not gain by asking for the keys of live runs first.

ALTER TABLE transitions_rows ADD INDEX IF NOT EXISTS by_from_status from_status TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE transitions_rows MATERIALIZE INDEX by_from_status SETTINGS mutations_sync = 2;
