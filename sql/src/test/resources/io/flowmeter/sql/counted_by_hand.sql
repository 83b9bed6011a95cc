-- Another account beside the fleet, so small that the answers to queries can be counted by hand. Times are minutes before
-- the minute of its insertion.

CREATE TABLE by_hand ENGINE = Memory AS SELECT toDateTime64(toStartOfMinute(now('UTC')), 3, 'UTC') AS t;

-- imports: completes and errors in turn, an outage of 30 minutes, one of 10, and one that lasts. Besides, a run that has
-- been going for two hours, one whose end nobody told, one that vanished 61 minutes ago and one superseded 59 minutes ago.

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at,
     ended_at, end_kind, run_ms, total_ms, queue_ms, failed_step, weight, observed_at, revision, deleted)
SELECT 'corner shop', 'imports', i.1, toUnixTimestamp64Milli(queued), true, 'i1', 'cron', i.2,
       t - toIntervalMinute(i.3) AS queued, queued, if(i.4 IS NULL, NULL, t - toIntervalMinute(assumeNotNull(i.4))) AS ended,
       i.5, dateDiff('millisecond', queued, ended), dateDiff('millisecond', queued, ended), 0, i.6,
       i.5 != '', t, 1, false
FROM by_hand
ARRAY JOIN [
    ('i1', 'complete', 305, 300, 'api', ''), ('i2', 'errored', 295, 290, 'api', 'fetch'),
    ('i3', 'errored', 285, 280, 'api', 'fetch'), ('i4', 'terminated', 285, 275, 'api', ''),
    ('i5', 'complete', 265, 260, 'api', ''), ('i6', 'errored', 205, 200, 'api', 'fetch'),
    ('i7', 'complete', 195, 190, 'api', ''), ('i8', 'errored', 25, 20, 'api', 'parse'),
    ('i9', 'running', 120, NULL, '', NULL), ('i10', 'errored', 180, NULL, 'api', ''),
    ('i11', 'running', 90, 61, 'vanished', NULL), ('i12', 'running', 90, 59, 'superseded', NULL)] AS i;

DROP TABLE by_hand;
