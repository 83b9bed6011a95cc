-- Which steps are retried most? retry_rate is the share of attempts that were retries, retried_share the share of
-- steps that needed one: ten steps with nine retries in one of them are 9/19 and 1/10.
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
       round(<<retry_rate of step_runs s>>, 4) AS retry_rate,
       round(<<retried_share of step_runs s>>, 4) AS retried_share,
       round(<<first_attempt_success of step_runs s>>, 4) AS first_attempt_success
FROM step_runs AS s
WHERE workflow = this_workflow AND type = 'step' AND ended_at >= now() - INTERVAL 1 DAY
GROUP BY account_id, workflow, step
ORDER BY retry_rate DESC
LIMIT 20;
