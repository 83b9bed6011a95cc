-- Which steps come close to using up their retries?
-- Headroom is the share of a step's retries that it did not need: 1 is untroubled, 0 has none left. Of steps with a limit.
-- Of one workflow, in the last day.
WITH '' AS chosen_workflow, -- Parameter workflow (String): which workflow; if empty, the busiest
    if(chosen_workflow = '', (
        SELECT argMax(workflow, runs)
        FROM (
            SELECT workflow, sum(completed + errored + terminated) AS runs
            FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
            GROUP BY account_id, workflow)
    ), chosen_workflow) AS this_workflow
SELECT workflow,
       step,
       sum(weight) AS times,
       round(<<retry_headroom of step_runs>>, 4) AS mean_headroom,
       round(min(1 - retries / retry_limit), 4) AS least_headroom,
       sumIf(weight, retries >= retry_limit) AS had_none_left,
       round(had_none_left / times, 4) AS share_without
FROM step_runs
WHERE workflow = this_workflow AND type = 'step' AND retry_limit > 0 AND ended_at >= now() - INTERVAL 1 DAY
GROUP BY account_id, workflow, step
HAVING times > 0
ORDER BY mean_headroom, times DESC
LIMIT 50;
