-- Another account beside the fleet, so small that the answers to queries can be counted by hand. Times are minutes before
-- the minute of its insertion.

CREATE TABLE by_hand ENGINE = Memory AS SELECT toDateTime64(toStartOfMinute(now('UTC')), 3, 'UTC') AS t;

-- imports: completes and errors in turn, an outage of 30 minutes, one of 10, and one that lasts. Besides, a run that has
-- been going for two hours, one whose end nobody told, one that vanished 61 minutes ago and one superseded 40 minutes ago, so that it
-- was in flight an hour before each moment at which the tests may ask.

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
    ('i11', 'running', 90, 61, 'vanished', NULL), ('i12', 'running', 90, 40, 'superseded', NULL)] AS i;

-- trips: three runs fetched in full, one of them drawn for two, one known only, and three that live. In each, the hotel and
-- the flight are booked side by side.

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at,
     ended_at, end_kind, queue_ms, run_ms, total_ms, active_ms, sleep_ms, event_wait_ms, lost_ms, paused_ms,
     failed_step, error_name, current_step, current_type, current_since, current_attempt, weight, detail_at, observed_at,
     revision, deleted)
SELECT 'corner shop', 'trips', i.1, toUnixTimestamp64Milli(queued), true, 't1', 'api', i.2,
       t - toIntervalMinute(i.3) AS queued, addMilliseconds(queued, i.4) AS started,
       if(i.5 IS NULL, NULL, addMilliseconds(started, assumeNotNull(i.5))), if(i.5 IS NULL, '', 'api'), i.4, i.5,
       i.4 + i.5, i.6, if(i.6 IS NULL, NULL, 0), if(i.6 IS NULL, NULL, 0), i.7, if(i.6 IS NULL, NULL, 0),
       if(i.2 = 'errored', 'book flight', NULL), if(i.2 = 'errored', 'Overbooked', NULL),
       i.8, if(i.8 IS NULL, NULL, 'step'), if(i.8 IS NULL, NULL, t - toIntervalMinute(5)), if(i.8 IS NULL, NULL, 1), i.10,
       if(i.8 IS NULL, NULL, t - toIntervalMinute(5) + toIntervalSecond(assumeNotNull(i.9))), t, 1, false
FROM by_hand
ARRAY JOIN [
    ('A', 'complete', 50, 1000, 10000, 9500, 500, NULL, NULL, 1), ('B', 'complete', 45, 0, 10000, 10000, 0, NULL, NULL, 2),
    ('C', 'errored', 40, 3000, 5000, 4500, 4000, NULL, NULL, 1), ('E', 'complete', 35, 0, 7000, NULL, NULL, NULL, NULL, 0),
    ('D', 'running', 40, 0, NULL, NULL, NULL, 'plan', 10, 0), ('F', 'paused', 30, 0, NULL, NULL, NULL, 'plan', 3, 0),
    ('G', 'running', 20, 0, NULL, NULL, NULL, 'book flight', 240, 0)] AS i;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms,
     attempt_ms, backoff_ms, attempts, retries, retry_limit, timeout_ms, version_id, weight, first_attempt_ok,
     failed_attempts, lost_ms, revision, deleted)
SELECT account_id, workflow, instance_id, run, s.2, s.3, concat(s.3, '-1'), 'step', s.4, addMilliseconds(started_at, s.5),
       addMilliseconds(started_at, s.6), s.6 - s.5, s.6 - s.5, 0, s.7 + 1, s.7, s.8, 10000, version_id, greatest(weight, 1),
       s.7 = 0 AND s.4 = 'succeeded', s.7 + (s.4 != 'succeeded'), 0, 1, false
FROM instances
ARRAY JOIN [
    ('A', 0, 'plan', 'succeeded', 0, 2000, 0, 0), ('A', 1, 'book hotel', 'succeeded', 2000, 5000, 0, NULL),
    ('A', 2, 'book flight', 'succeeded', 2000, 8000, 1, 2), ('A', 3, 'send ticket', 'succeeded', 8500, 10000, 0, NULL),
    ('B', 0, 'plan', 'succeeded', 0, 1000, 0, 0), ('B', 1, 'book hotel', 'succeeded', 1000, 9000, 0, NULL),
    ('B', 2, 'book flight', 'succeeded', 1000, 4000, 0, 2), ('B', 3, 'send ticket', 'timed_out', 9000, 10000, 0, NULL),
    ('C', 0, 'plan', 'succeeded', 0, 1000, 0, 0), ('C', 1, 'book hotel', 'succeeded', 1000, 2000, 0, NULL),
    ('C', 2, 'book flight', 'failed', 1000, 5000, 2, 2), ('D', 0, 'plan', 'succeeded', 0, 900, 0, 0)] AS s
WHERE account_id = 'corner shop' AND workflow = 'trips' AND instance_id = s.1;

INSERT INTO transitions_rows
    (account_id, workflow, instance_id, run, seq, from_status, to_status, at, at_is_exact, not_before, previous_ms,
     revision, deleted)
SELECT account_id, workflow, instance_id, run, c.2, c.3, c.4, now64(3) - toIntervalSecond(c.5) AS at, false, at, c.6, 1, false
FROM instances
ARRAY JOIN [
    ('D', 1, 'queued', 'running', 2400, 0), ('D', 2, 'running', 'paused', 1860, 540000), ('D', 3, 'paused', 'running', 1800, 60000),
    ('F', 1, 'queued', 'running', 1800, 0), ('F', 2, 'running', 'paused', 600, 1200000), ('G', 1, 'queued', 'running', 1200, 0),
    ('B', 1, 'paused', 'running', 2650, 30000), ('B', 2, 'paused', 'running', 2520, 90000)] AS c
WHERE account_id = 'corner shop' AND workflow = 'trips' AND instance_id = c.1;

-- What the steps of trips usually take: a quarter 0.8 s, half 1 s, a quarter 1.25 s; flights are too few to tell.

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, failed, timed_out, first_attempt_ok, attempts,
     sampled, wall_buckets, revision)
SELECT 'corner shop', s.1, s.2, s.3, 'step', toStartOfMinute(t) - toIntervalMinute(s.4), 1, s.5, s.5 - s.6, s.6, 0, s.7,
       s.5, s.8, mapFromArrays(arrayMap(ms -> flowmeter_bucket(ms), s.9), arrayMap(n -> toInt64(n), s.10)), 1
FROM by_hand
ARRAY JOIN [
    ('trips', 't1', 'plan', 120, 100, 0, 100, 100, [800, 1000, 1250], [30, 40, 30]),
    ('trips', 't1', 'book hotel', 120, 100, 0, 80, 100, [800, 1000, 1250], [30, 40, 30]),
    ('trips', 't1', 'book hotel', 3000, 200, 10, 190, 200, [800, 1000, 1250], [60, 80, 60]),
    ('trips', 't1', 'book flight', 120, 40, 0, 40, 40, [3000], [40]),
    ('orders', 'o1', 'charge', 4000, 1000, 10, 990, 1000, [1000, 2000], [950, 50]),
    ('orders', 'o2', 'charge', 60, 200, 12, 188, 200, [1000, 2000], [191, 9]),
    ('orders', 'o1', 'pack', 4000, 1000, 0, 1000, 1000, [1000, 2000], [950, 50]),
    ('orders', 'o2', 'pack', 60, 200, 0, 200, 200, [1000, 2000], [150, 50]),
    ('orders', 'o1', 'label', 4000, 1000, 0, 1000, 1000, [1000, 1050], [950, 50]),
    ('orders', 'o2', 'label', 60, 200, 0, 200, 200, [1000, 1050], [150, 50]),
    ('orders', 'o1', 'audit', 4000, 10000, 100, 9900, 100, [1000], [10000]),
    ('orders', 'o2', 'audit', 60, 2000, 60, 1940, 20, [1000], [2000]),
    ('calm', 'c1', 'charge', 4000, 1000, 20, 980, 1000, [1000, 2000], [940, 60]),
    ('calm', 'c2', 'charge', 60, 200, 7, 193, 200, [1000, 2000], [186, 14])] AS s;

-- The duration of the outlier in its own minute, alone, so that what was counted by hand stays.
INSERT INTO step_minutes_rows (account_id, workflow, version_id, step, type, minute, part, wall_buckets, revision)
SELECT account_id, workflow, version_id, step, type, toStartOfMinute(assumeNotNull(ended_at)), 2,
       map(flowmeter_bucket(assumeNotNull(wall_ms)), weight), 1
FROM step_runs
WHERE workflow = 'trips' AND instance_id = 'B' AND step = 'book hotel';

-- payments burns its error budget fast and refunds slowly; refunds got a new version 30 minutes ago, orders and calm a
-- day ago. 60 payments are queued, of which 2 a minute more begin than come, and more refunds come than begin.

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, trigger_source, minute, part, queued, started, completed, errored, sampled, attempts,
     retries, lost_ms, run_ms_sum, run_buckets, revision)
SELECT 'corner shop', m.1, m.2, 'api', toStartOfMinute(t) - toIntervalMinute(m.3), 1, m.4, m.5, m.6, m.7, m.6 + m.7,
       m.6 + m.7, 0, m.8, 1000 * (m.6 + m.7), map(flowmeter_bucket(m.9), toInt64(m.6 + m.7)), 1
FROM by_hand
ARRAY JOIN [
    ('payments', 'p1', 2, 20, 50, 8, 2, 0, 1000), ('payments', 'p1', 45, 90, 90, 77, 13, 0, 1000),
    ('payments', 'p1', 200, 900, 900, 875, 25, 252000, 1000),
    ('refunds', 'r2', 2, 30, 10, 95, 5, 0, 1500), ('refunds', 'r2', 20, 100, 100, 90, 10, 0, 1500),
    ('refunds', 'r1', 45, 200, 200, 190, 10, 0, 1000), ('refunds', 'r1', 200, 800, 800, 750, 50, 0, 1000),
    ('orders', 'o1', 4000, 1000, 1000, 990, 10, 0, 1000), ('orders', 'o2', 60, 200, 200, 188, 12, 0, 1000),
    ('calm', 'c1', 4000, 1000, 1000, 980, 20, 0, 1000), ('calm', 'c2', 60, 200, 200, 193, 7, 0, 1000)] AS m;

INSERT INTO versions_rows (account_id, workflow, version_id, created_at, observed_at, revision)
SELECT 'corner shop', v.1, v.2, t - toIntervalMinute(v.3), t, 1
FROM by_hand
ARRAY JOIN [('payments', 'p1', 40000), ('refunds', 'r1', 40000), ('refunds', 'r2', 30), ('orders', 'o1', 40000),
            ('orders', 'o2', 1440), ('calm', 'c1', 40000), ('calm', 'c2', 1440)] AS v;

INSERT INTO status_counts_now_rows (account_id, workflow, status, count, reported, drift, as_of, revision)
SELECT 'corner shop', s.1, s.2, s.3, s.3, 0, t, 1
FROM by_hand
ARRAY JOIN [('payments', 'queued', 60), ('payments', 'running', 12500), ('payments', 'waiting', 900),
            ('refunds', 'queued', 40), ('refunds', 'running', 2500)] AS s;

INSERT INTO status_counts_rows (account_id, workflow, status, minute, count, revision)
SELECT 'corner shop', s.1, 'running', toStartOfMinute(t) - toIntervalMinute(s.2), s.3, 1
FROM by_hand
ARRAY JOIN [('payments', 12000, 30000), ('payments', 3000, 10000), ('refunds', 6000, 1000), ('refunds', 4500, 5000)] AS s;

INSERT INTO workflows_rows (account_id, workflow, created_at, observed_at, revision)
SELECT 'corner shop', w, t - toIntervalMinute(50000), t, 1
FROM by_hand
ARRAY JOIN ['imports', 'trips', 'payments', 'refunds', 'orders', 'calm'] AS w;

-- A third account. quick: 50 runs of a step that takes no whole millisecond, two that took 20 and 21 ms, and two live runs that
-- were looked at 4 and 6 s after the step began. archive and bursts: what runs of them; bursts has a burst between two hours.

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, status, queued_at, started_at, ended_at, end_kind, run_ms,
     step_count, current_step, current_type, current_since, current_attempt, weight, detail_at, observed_at, revision)
SELECT 'night shift', 'quick', i.1, toUnixTimestamp64Milli(queued) + i.2, true, 'q1', if(i.2 < 1000, 'complete', 'running'),
       t - toIntervalMinute(90) AS queued, queued, if(i.2 < 1000, addMilliseconds(queued, i.2), NULL) AS ended,
       if(i.2 < 1000, 'api', ''), if(i.2 < 1000, i.2, NULL), 1, if(i.2 < 1000, NULL, 'look'), if(i.2 < 1000, NULL, 'step'),
       if(i.2 < 1000, NULL, queued), if(i.2 < 1000, NULL, if(i.1 = 'slow', 2, 1)), i.2 < 1000, addMilliseconds(queued, i.2), t, 1
FROM by_hand
ARRAY JOIN [('A', 20), ('B', 21), ('late', 4000), ('slow', 6000)] AS i;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms, attempt_ms,
     attempts, retries, version_id, weight, first_attempt_ok, revision)
SELECT account_id, workflow, instance_id, run, 0, 'look', 'look-1', 'step', 'succeeded', started_at, ended_at, run_ms, run_ms, 1, 0,
       version_id, 1, true, 1
FROM instances
WHERE account_id = 'night shift' AND end_kind = 'api';

-- An instance of another workflow with the id of the one that ended last.
INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, type, outcome, started_at, ended_at, wall_ms, weight, revision)
SELECT 'night shift', 'archive', 'order-473', toUnixTimestamp64Milli(t), 0, 'step of another workflow', 'step', 'succeeded', t, t, 0, 1, 1
FROM by_hand;

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, first_attempt_ok, attempts, sampled, wall_buckets,
     revision)
SELECT 'night shift', 'quick', 'q1', 'look', 'step', toStartOfMinute(t) - toIntervalMinute(90), 1, 200, 200, 200, 200, 200,
       map(toInt16(-1), toInt64(198), flowmeter_bucket(20), toInt64(1), flowmeter_bucket(21), toInt64(1)), 1
FROM by_hand;

INSERT INTO status_counts_rows (account_id, workflow, status, minute, count, revision)
SELECT 'night shift', s.1, 'running', s.2, s.3, 1
FROM by_hand
ARRAY JOIN [('archive', toStartOfMinute(t) - toIntervalDay(40), 60), ('bursts', toStartOfHour(t) - toIntervalMinute(1470), 800),
            ('bursts', toStartOfHour(t) - toIntervalMinute(1467), 100)] AS s;

INSERT INTO status_counts_now_rows (account_id, workflow, status, count, as_of, revision)
SELECT 'night shift', s.1, 'running', s.2, t, 1
FROM by_hand
ARRAY JOIN [('archive', 60), ('bursts', 100)] AS s;

INSERT INTO workflows_rows (account_id, workflow, created_at, observed_at, revision)
SELECT 'night shift', w, t - toIntervalMinute(90000), t, 1
FROM by_hand
ARRAY JOIN ['quick', 'archive', 'bursts'] AS w;

DROP TABLE by_hand;
