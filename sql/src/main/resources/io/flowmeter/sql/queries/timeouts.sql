-- Which steps time out, and how near to their limit do those come that do not?
-- A limit is for one attempt: nearest is the longest step that succeeded at its first attempt, as a share of its limit.
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
       max(timeout_ms) AS limit_ms,
       sum(weight) AS times,
       sumIf(weight, outcome = 'timed_out') AS timed_out,
       round(<<timeout_rate of step_runs>>, 4) AS timed_out_share,
       round(maxIf(attempt_ms / timeout_ms, outcome = 'succeeded' AND attempts = 1), 4) AS nearest
FROM step_runs
WHERE workflow = this_workflow AND type = 'step' AND timeout_ms > 0 AND ended_at >= now() - INTERVAL 1 DAY
GROUP BY account_id, workflow, step
HAVING times > 0
ORDER BY timed_out_share DESC, nearest DESC
LIMIT 50;
