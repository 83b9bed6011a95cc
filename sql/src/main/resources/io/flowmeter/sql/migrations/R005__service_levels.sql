-- What dashboards, ready-made queries and alerts judge by alike: each definition is here once. How the operator set it comes from the
-- settings of `migrate` and `up`, which apply this file again when one changes.

-- What the operator set.
CREATE OR REPLACE VIEW settings AS
SELECT toInt64(${running_limit}) AS running_limit,
       toFloat64(${success_objective}) AS success_objective;

-- How many of the runs that ended lately did not complete, over four windows up to now. Divided by 1 - objective they are burn
-- rates: 1 uses up an error budget in just the time it is for.
CREATE OR REPLACE VIEW bad_run_rates AS
SELECT account_id,
       workflow,
       <<bad_run_rate of workflow_minute_parts m if minute >= now() - INTERVAL 5 MINUTE>> AS rate_5m,
       <<bad_run_rate of workflow_minute_parts m if minute >= now() - INTERVAL 30 MINUTE>> AS rate_30m,
       <<bad_run_rate of workflow_minute_parts m if minute >= now() - INTERVAL 1 HOUR>> AS rate_1h,
       <<bad_run_rate of workflow_minute_parts m>> AS rate_6h,
       sumIf(m.errored + m.terminated, minute >= now() - INTERVAL 1 HOUR) AS bad_1h,
       sum(m.errored + m.terminated) AS bad_6h
FROM workflow_minute_parts AS m
WHERE minute >= now() - INTERVAL 6 HOUR
GROUP BY account_id, workflow
HAVING sum(m.completed + m.errored + m.terminated) > 0;

-- Live runs that are in their step for more than 3 times as long as 99 % of its runs in the last week, and for more than 5 s: below that,
-- the difference between the API's clock and the step's would tell more than the step. How long a run was in its step is as of its last
-- detail. A step needs 50 known runs within a week to be judged. A sleep is not judged: it ends by itself.
-- Live runs are found first, by what is little to read of all runs; the rest is read of them only.
CREATE OR REPLACE VIEW stuck_runs AS
WITH 3 AS k,
    5000 AS least_ms,
    usual AS (
        SELECT account_id, workflow, step, type, flowmeter_quantile(sumMap(wall_buckets), 0.99) AS p99_ms
        FROM steps_between(since = toStartOfDay(now('UTC') - INTERVAL 7 DAY), until = now('UTC'), every = 0)
        GROUP BY account_id, workflow, step, type
        HAVING sum(sampled) >= 50
    )
SELECT i.account_id AS account_id,
       i.workflow AS workflow,
       i.instance_id AS instance_id,
       i.run AS run,
       i.status AS status,
       u.step AS step,
       u.type AS type,
       assumeNotNull(i.current_attempt) AS attempt,
       i.current_since AS since,
       i.detail_at AS detail_at,
       dateDiff('millisecond', i.current_since, i.detail_at) AS in_step_ms,
       toInt64(round(assumeNotNull(u.p99_ms))) AS p99_ms
FROM instances AS i
INNER JOIN usual AS u
    ON i.account_id = u.account_id AND i.workflow = u.workflow AND i.current_step = u.step AND i.current_type = u.type
WHERE i.end_kind = '' AND i.ended_at IS NULL AND i.current_type != 'sleep'
  AND (i.account_id, i.workflow, i.run) IN (SELECT account_id, workflow, run FROM instances WHERE end_kind = '')
  AND dateDiff('millisecond', i.current_since, i.detail_at) > greatest(k * assumeNotNull(u.p99_ms), least_ms);

-- Live runs at an attempt of their step after the first, as of their last detail. How many attempts the step's configuration allows is
-- known if a run of the step ended in the last day.
CREATE OR REPLACE VIEW retrying_runs AS
WITH retried AS (
        SELECT account_id, workflow, instance_id, run, status, assumeNotNull(current_step) AS step,
               current_attempt AS attempt, current_since AS since, detail_at
        FROM instances
        WHERE end_kind = '' AND current_attempt > 1
          AND (account_id, workflow, run) IN (SELECT account_id, workflow, run FROM instances WHERE end_kind = '')
    ),
    limits AS (
        SELECT account_id, workflow, step, argMax(retry_limit, ended_at) + 1 AS attempts
        FROM step_runs
        WHERE type = 'step' AND ended_at >= now() - INTERVAL 1 DAY
          AND run >= toUnixTimestamp64Milli(now64(3) - INTERVAL 2 DAY)
          AND (account_id, workflow, step) IN (SELECT account_id, workflow, step FROM retried)
        GROUP BY account_id, workflow, step
    )
SELECT account_id, workflow, instance_id, run, status, step,
       assumeNotNull(attempt) AS attempt, nullIf(attempts, 0) AS allowed, since, detail_at
FROM retried
LEFT JOIN limits USING (account_id, workflow, step);

-- The newest version of each workflow, if its errors can be new: a run of another version must have ended in the last year. Of a first
-- version all errors are new, and so they are when Flowmeter has just been started.
CREATE OR REPLACE VIEW judged_versions AS
WITH newest AS (
        SELECT account_id, workflow, assumeNotNull(argMax(v.version_id, v.created_at)) AS version_id,
               max(v.created_at) AS deployed_at
        FROM versions AS v
        GROUP BY account_id, workflow
        HAVING count() > 1 AND max(v.created_at) IS NOT NULL
    )
SELECT account_id, workflow, version_id, deployed_at
FROM newest
WHERE (account_id, workflow) IN (
    SELECT account_id, workflow
    FROM (
        SELECT account_id, workflow, version_id
        FROM runs_between(since = now('UTC') - INTERVAL 1 YEAR, until = now('UTC'), every = 86400)
        WHERE version_id != '' AND (account_id, workflow) IN (SELECT account_id, workflow FROM newest)
        GROUP BY account_id, workflow, version_id
        HAVING sum(completed + errored + terminated) > 0
    )
    GROUP BY account_id, workflow
    HAVING count() > 1
);
