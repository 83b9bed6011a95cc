-- What is NULL comes from nullIf: an if would leave its other value beneath, unseen but stored. Runs ${first} to ${first} + ${runs}, queued evenly between ${from} and ${to}, epoch milliseconds, and told a few seconds after
-- they ended. All that is random hangs on a run's number.

CREATE OR REPLACE TABLE bench_runs_${lane} ENGINE = Memory AS
SELECT n, w, bench_uuid(n) AS instance_id,
       toInt64(${from} + (${to} - ${from}) * bench_uniform(n, 1)) AS queued_ms,
       queued_ms - toInt64(71 * bench_uniform(n, 2)) AS run,
       bench_version(w, queued_ms) AS version_id,
       if(w % 10 = 9, 'cron', 'api') AS trigger_source,
       queued_ms + bench_ms(n, 3, 4, 1) AS started_ms,
       -- Of each step: its attempts, in ms; 5 % are repeated, 2 % fail at last.
       arrayMap(i -> bench_uniform(n, 100 + i), range(20)) AS fates,
       arrayMap(
           i -> arrayMap(
               k -> bench_ms(n, 1000 + 10 * i + k, 4 + 4 * bench_uniform((w, i), 7), 1),
               range(multiIf(fates[i + 1] < 0.02, 3, fates[i + 1] < 0.07, 2, 1))),
           range(20)) AS tries,
       -- A second of backoff after the first attempt, two after the second; a few milliseconds between steps.
       arrayMap(t -> arraySum(t) + 1000 * (bitShiftLeft(1, length(t) - 1) - 1), tries) AS walls,
       arrayMap((wall, i) -> wall + toInt64(1 + 9 * bench_uniform(n, 200 + i)), walls, range(20)) AS spans,
       arrayMap((span, wall) -> started_ms + span - wall, arrayCumSum(spans), walls) AS begins,
       begins[20] + walls[20] + 1 AS ended_ms,
       fates[20] < 0.02 AS errored,
       -- A poll sees that it ended, another fetches it; all rows are told at once.
       ended_ms + toInt64(500 + 9500 * bench_uniform(n, 4)) AS told_ms,
       toUInt8(sipHash64(n) % 4) AS partition,
       -- What names the parts of minutes that this run opens.
       reinterpretAsInt64(sipHash64(n, 3)) AS part
FROM (SELECT number AS n, n % 50 AS w FROM numbers(${first}, ${runs}))
SETTINGS max_threads = 1;

CREATE OR REPLACE TABLE bench_steps_${lane} ENGINE = Memory AS
SELECT n, w, instance_id, run, version_id, told_ms, partition, part, step_index, t AS durations,
       length(t) AS attempts, arraySum(t) AS attempt_ms, wall AS wall_ms, begin AS started_ms, begin + wall AS ended_ms,
       fate < 0.02 AS failed,
       [concat('order ', toString(cityHash64(n, step_index) % 100000000), ' was refused'),
        concat('the payment provider did not answer within ', toString(1000 + n % 30000), ' ms'),
        concat('connect ECONNREFUSED 10.0.', toString(n % 250), '.', toString(step_index), ':8443'),
        concat('no stock of article ', bench_uuid((n, step_index)))][1 + cityHash64(w, step_index) % 4] AS message
FROM bench_runs_${lane}
ARRAY JOIN tries AS t, walls AS wall, begins AS begin, fates AS fate, range(20) AS step_index;

INSERT INTO step_attempts_rows
    (account_id, workflow, instance_id, run, step_index, attempt, step, type, version_id, started_at, ended_at, success,
     duration_ms, backoff_before_ms, error_name, error_message, weight, revision, deleted)
SELECT '${account}', bench_workflow(w), instance_id, run, step_index, k, concat('step ', toString(step_index)), 'step',
       version_id, fromUnixTimestamp64Milli(started_ms + began, 'UTC'),
       fromUnixTimestamp64Milli(started_ms + began + duration, 'UTC'), k = attempts AND NOT failed AS ok, duration,
       1000 * intDiv(bitShiftLeft(1, k - 1), 2), nullIf(if(ok, '', 'RangeError'), ''), nullIf(if(ok, '', message), ''), 1, told_ms, false
FROM bench_steps_${lane}
ARRAY JOIN durations AS duration, range(1, attempts + 1) AS k,
    arrayMap((sum, d, i) -> sum - d + 1000 * (bitShiftLeft(1, i) - 1), arrayCumSum(durations), durations, range(attempts)) AS began;

INSERT INTO step_runs_rows
    (account_id, workflow, instance_id, run, step_index, step, step_name, type, outcome, started_at, ended_at, wall_ms,
     attempt_ms, backoff_ms, attempts, retries, retry_limit, backoff, timeout_ms, error_name, error_message, error_group,
     version_id, weight, first_attempt_ok, failed_attempts, lost_ms, inserted_at, revision, deleted)
SELECT '${account}', bench_workflow(w), instance_id, run, step_index, concat('step ', toString(step_index)) AS name,
       concat(name, '-1'), 'step', if(failed, 'failed', 'succeeded'), fromUnixTimestamp64Milli(started_ms, 'UTC'),
       fromUnixTimestamp64Milli(ended_ms, 'UTC'), wall_ms, attempt_ms, wall_ms - attempt_ms, attempts, attempts - 1, 2,
       'exponential', 600000, nullIf(if(failed, 'RangeError', ''), ''), nullIf(if(failed, message, ''), ''),
       nullIf(if(failed, lower(hex(sipHash64(w, step_index))), ''), ''), version_id, 1, attempts = 1, attempts - NOT failed,
       if(failed, wall_ms, wall_ms - durations[attempts]), fromUnixTimestamp64Milli(told_ms, 'UTC') + INTERVAL 1 SECOND,
       told_ms, false
FROM bench_steps_${lane};

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at,
     ended_at, end_kind, reopened, queue_ms, run_ms, total_ms, active_ms, sleep_ms, event_wait_ms, lost_ms, paused_ms,
     step_count, attempts, retries, failed_step, error_name, error_message, error_group, error_pattern, weight, detail_at,
     observed_at, inserted_at, revision, deleted)
SELECT '${account}', bench_workflow(w), r.instance_id, r.run, true, r.version_id, trigger_source,
       if(errored, 'errored', 'complete'), fromUnixTimestamp64Milli(queued_ms, 'UTC'),
       fromUnixTimestamp64Milli(r.started_ms, 'UTC'), fromUnixTimestamp64Milli(r.ended_ms, 'UTC'), 'api', 0,
       r.started_ms - queued_ms, r.ended_ms - r.started_ms AS run_ms, r.ended_ms - queued_ms,
       run_ms - s.backoffs, 0, 0, s.lost, 0, 20, s.tried, s.tried - 20, if(errored, 'step 19', ''),
       nullIf(if(errored, 'RangeError', ''), ''), nullIf(if(errored, s.said, ''), ''),
       nullIf(if(errored, lower(hex(sipHash64(w, 19))), ''), ''), nullIf(if(errored, concat('pattern ', toString(w % 4)), ''), ''), 1, fromUnixTimestamp64Milli(r.told_ms, 'UTC') AS told, told,
       told + INTERVAL 1 SECOND, r.told_ms, false
FROM bench_runs_${lane} AS r
JOIN (
    SELECT n, sum(wall_ms - attempt_ms) AS backoffs, sum(attempts) AS tried, argMax(message, step_index) AS said,
           sum(if(failed, wall_ms, wall_ms - durations[attempts])) AS lost
    FROM bench_steps_${lane} GROUP BY n
) AS s USING n;

INSERT INTO transitions_rows
    (account_id, workflow, instance_id, run, seq, from_status, to_status, at, at_is_exact, not_before, previous_ms,
     revision, deleted)
SELECT '${account}', bench_workflow(w), instance_id, run, seq,
       ['', 'queued', 'running'][seq], ['queued', 'running', if(errored, 'errored', 'complete')][seq],
       fromUnixTimestamp64Milli([queued_ms, started_ms, ended_ms][seq], 'UTC') AS at, true, at,
       [0, started_ms - queued_ms, ended_ms - started_ms][seq], told_ms, false
FROM bench_runs_${lane}
ARRAY JOIN [1, 2, 3] AS seq;

-- Rollups: a part for each of Kafka's partitions that saw facts of the minute, named by the first of them.

INSERT INTO workflow_minutes_rows
    (account_id, workflow, version_id, trigger_source, minute, part, queued, started, completed, errored, sampled, attempts,
     retries, lost_ms, run_ms_sum, queue_buckets, run_buckets, total_buckets, revision, deleted)
SELECT '${account}', bench_workflow(w), version_id, trigger_source, toDateTime(intDiv(at, 60000) * 60, 'UTC') AS minute,
       argMin(part, told_ms), countIf(what = 1), countIf(what = 2), countIf(what = 3 AND NOT errored),
       countIf(what = 3 AND errored), countIf(what = 3), sumIf(s.tried, what = 3), sumIf(s.tried - 20, what = 3),
       sumIf(s.lost, what = 3), sumIf(ended_ms - started_ms, what = 3),
       sumMapIf(flowmeter_buckets(started_ms - queued_ms, toInt64(1)), what = 2),
       sumMapIf(flowmeter_buckets(ended_ms - started_ms, toInt64(1)), what = 3),
       sumMapIf(flowmeter_buckets(ended_ms - queued_ms, toInt64(1)), what = 3), max(told_ms), false
FROM bench_runs_${lane} AS r
ARRAY JOIN [1, 2, 3] AS what, [queued_ms, started_ms, ended_ms] AS at
JOIN (
    SELECT n, sum(attempts) AS tried, sum(if(failed, wall_ms, wall_ms - durations[attempts])) AS lost
    FROM bench_steps_${lane} GROUP BY n
) AS s USING n
GROUP BY w, version_id, trigger_source, minute, partition;

INSERT INTO step_minutes_rows
    (account_id, workflow, version_id, step, type, minute, part, runs, succeeded, failed, first_attempt_ok, recovered,
     exhausted, attempts, failed_attempts, retries, lost_ms, wall_ms_sum, attempt_ms_sum, backoff_ms_sum, sampled,
     wall_buckets, attempt_buckets, revision, deleted)
SELECT '${account}', bench_workflow(w), version_id, concat('step ', toString(step_index)), 'step', minute, part, runs,
       succeeded, failed, first_attempt_ok, recovered, failed, attempts, failed_attempts, retries, lost_ms, wall_ms, attempt_ms,
       wall_ms - attempt_ms, runs, bench_counted(walls), bench_counted(tries), revision, false
FROM (
    SELECT w, version_id, step_index, toDateTime(intDiv(ended_ms, 60000) * 60, 'UTC') AS minute, argMin(part, told_ms) AS part,
           count() AS runs, countIf(NOT s.failed) AS succeeded, countIf(s.failed) AS failed,
           countIf(s.attempts = 1) AS first_attempt_ok, countIf(s.attempts = 2) AS recovered, sum(s.attempts) AS attempts,
           sum(s.attempts - NOT s.failed) AS failed_attempts, sum(s.attempts - 1) AS retries,
           sum(if(s.failed, s.wall_ms, s.wall_ms - durations[s.attempts])) AS lost_ms, sum(s.wall_ms) AS wall_ms,
           sum(s.attempt_ms) AS attempt_ms, arraySort(groupArray(flowmeter_bucket(s.wall_ms))) AS walls,
           arraySort(groupArray(flowmeter_bucket(s.attempt_ms))) AS tries, max(told_ms) AS revision
    FROM bench_steps_${lane} AS s
    GROUP BY w, version_id, step_index, minute, partition
);

-- How many runs of each status are known, in each minute in which it changed.

INSERT INTO status_counts_rows
    (account_id, workflow, status, minute, count, reported, drift, revision, deleted)
SELECT '${account}', bench_workflow(w), status, toDateTime(intDiv(told_ms, 60000) * 60, 'UTC') AS minute,
       if(status = 'running', 100 + count(), max(intDiv(n, 50))), 100 + count(), if(status = 'running', 0, NULL),
       max(told_ms), false
FROM bench_runs_${lane}
ARRAY JOIN if(errored, ['running', 'errored'], ['running', 'complete']) AS status
GROUP BY w, status, minute;
