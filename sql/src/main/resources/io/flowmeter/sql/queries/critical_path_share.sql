-- Which steps decide how long a run takes? Only time on the critical path counts: making another step faster changes nothing.
-- Back from the run's end, it is the step that ended last, then the one that ended last before that began, and so on
-- (flowmeter_critical_path); what no step covers is between steps. Of one workflow, the 1,000 runs of the last day that were
-- fetched last.
WITH '' AS chosen_workflow, -- Parameter workflow (String): which workflow; if empty, the busiest
    if(chosen_workflow = '', (
        SELECT argMax(workflow, runs)
        FROM (
            SELECT workflow, sum(completed + errored + terminated) AS runs
            FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
            GROUP BY account_id, workflow)
    ), chosen_workflow) AS this_workflow,
    fetched AS (
        SELECT account_id, workflow, run, instance_id, weight, started_at, ended_at, run_ms
        FROM instances
        WHERE workflow = this_workflow AND ended_at >= now() - INTERVAL 1 DAY AND weight > 0 AND run_ms > 0
        ORDER BY ended_at DESC
        LIMIT 1000 BY account_id
    ),
    paths AS (
        SELECT account_id, workflow, run, instance_id,
               flowmeter_critical_path(groupArray(
                   (toUnixTimestamp64Milli(assumeNotNull(started_at)),
                    toUnixTimestamp64Milli(assumeNotNull(ended_at)), toString(step), toString(type)))) AS on_path
        FROM step_runs
        WHERE workflow = this_workflow
          AND (account_id, workflow, run, instance_id) IN (SELECT account_id, workflow, run, instance_id FROM fetched)
          AND started_at IS NOT NULL AND ended_at IS NOT NULL
        GROUP BY account_id, workflow, run, instance_id
    )
SELECT workflow,
       part.1 AS step,
       part.2 AS type,
       sum(weight) AS times,
       round(sum(weight * part.3) / 60000, 1) AS on_path_minutes,
       round(sum(weight * part.3) / any(total_ms), 4) AS share
FROM (
    SELECT workflow, account_id, weight, sum(weight * run_ms) OVER (PARTITION BY account_id, workflow) AS total_ms,
           arrayPushBack(on_path, ('(between steps)', '', run_ms - arraySum(s -> s.3, on_path))) AS parts
    FROM fetched
    LEFT JOIN paths USING (account_id, workflow, run, instance_id)
)
ARRAY JOIN parts AS part
GROUP BY account_id, workflow, step, type
HAVING share > 0
ORDER BY workflow, share DESC;
