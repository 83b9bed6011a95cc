-- Facts are many and rollups few, so they are kept for different times. Each clock is part of its row's key: all
-- revisions of a key expire together, and a deleted row is never outlived by what it takes back.

ALTER TABLE instances_rows MODIFY TTL fromUnixTimestamp64Milli(run, 'UTC') + INTERVAL ${facts_retention};
ALTER TABLE transitions_rows MODIFY TTL fromUnixTimestamp64Milli(run, 'UTC') + INTERVAL ${facts_retention};
ALTER TABLE step_runs_rows MODIFY TTL fromUnixTimestamp64Milli(run, 'UTC') + INTERVAL ${facts_retention};
ALTER TABLE step_attempts_rows MODIFY TTL fromUnixTimestamp64Milli(run, 'UTC') + INTERVAL ${facts_retention};
ALTER TABLE error_spikes_rows MODIFY TTL opened_at + INTERVAL ${facts_retention};
ALTER TABLE status_counts_rows MODIFY TTL toDateTime64(minute, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE workflow_minutes_rows MODIFY TTL toDateTime64(minute, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE step_minutes_rows MODIFY TTL toDateTime64(minute, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE collector_minutes_rows MODIFY TTL toDateTime64(minute, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE stream_minutes_rows MODIFY TTL toDateTime64(minute, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE workflow_hours_rows MODIFY TTL toDateTime64(hour, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE step_hours_rows MODIFY TTL toDateTime64(hour, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE workflow_days_rows MODIFY TTL toDateTime64(day, 0, 'UTC') + INTERVAL ${rollups_retention};
ALTER TABLE step_days_rows MODIFY TTL toDateTime64(day, 0, 'UTC') + INTERVAL ${rollups_retention};
