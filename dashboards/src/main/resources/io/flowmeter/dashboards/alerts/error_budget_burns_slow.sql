-- How many times too fast does the error budget burn? The value: the lower of the burns of two windows, so that what is over
-- is not told any more. 1 uses up the budget in just the time it is for; at 6, 6 hours of it take 5 % of 30 days' budget.
-- Put your own objective, the share of runs that should complete, in place of 0.99, and those of workflows with another one
-- into the map. Where fewer than least_failed runs failed, nothing is said.
WITH 0.99 AS objective,
     map('a workflow of yours', 0.95) AS objectives,
     5 AS least_failed
SELECT account_id,
       workflow,
       least(sum(bad) / sum(ended),
             ifNull(sumIf(bad, minute >= now() - INTERVAL 30 MINUTE)
                    / nullIf(sumIf(ended, minute >= now() - INTERVAL 30 MINUTE), 0), 0))
           / (1 - if(mapContains(objectives, workflow), objectives[workflow], objective)) AS value
FROM (
    SELECT account_id, workflow, minute, errored + terminated AS bad, completed + bad AS ended
    FROM workflow_minute_parts
    WHERE minute >= now() - INTERVAL 6 HOUR
)
GROUP BY account_id, workflow
HAVING sum(bad) >= least_failed;
