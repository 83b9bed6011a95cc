-- How far do runs come: how many reach each step, get past it, or end there?
-- Of one workflow, the 1,000 runs of the last day that were fetched last, by weight.
-- A step that a run did several times counts once, by its last time.
WITH '' AS chosen_workflow, -- Parameter workflow (String): which workflow; if empty, the busiest
    if(chosen_workflow = '', (
        SELECT argMax(workflow, runs)
        FROM (
            SELECT workflow, sum(completed + errored + terminated) AS runs
            FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
            GROUP BY account_id, workflow)
    ), chosen_workflow) AS this_workflow,
    ended AS (
        SELECT account_id, workflow, run, instance_id, weight
        FROM instances
        WHERE workflow = this_workflow AND ended_at >= now() - INTERVAL 1 DAY AND weight > 0
        ORDER BY ended_at DESC
        LIMIT 1000 BY account_id
    ),
    reached AS (
        SELECT account_id, workflow, run, instance_id, step, type,
               any(weight) AS n,
               min(step_index) AS position,
               argMax(outcome, step_index) = 'succeeded' AS passed
        FROM step_runs
        WHERE workflow = this_workflow
          AND (account_id, workflow, run, instance_id) IN (SELECT account_id, workflow, run, instance_id FROM ended)
          AND step != ''
        GROUP BY account_id, workflow, run, instance_id, step, type
    )
SELECT r.workflow AS workflow,
       step,
       type,
       any(runs) AS ended_runs,
       sum(n) AS reached_it,
       round(reached_it / ended_runs, 4) AS reached_share,
       sumIf(n, passed) AS got_past_it,
       reached_it - got_past_it AS did_not
FROM reached AS r
INNER JOIN (SELECT account_id, workflow, sum(weight) AS runs FROM ended GROUP BY account_id, workflow) AS e
    USING (account_id, workflow)
GROUP BY r.account_id, workflow, step, type
ORDER BY workflow, round(sum(n * position) / reached_it, 2), step;
