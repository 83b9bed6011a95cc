-- How many times too fast does the error budget burn? The value: the lower of the burns of two windows, so that what is over
-- is not told any more. 1 uses up the budget in just the time it is for; at 14.4, an hour of it takes 2 % of 30 days' budget.
-- The objective, the share of runs that should complete, is the setting slo.objective. Put those of workflows with another one
-- into the map. Where fewer than least_failed runs failed, nothing is said.
WITH assumeNotNull((SELECT any(success_objective) FROM settings)) AS objective,
     map('a workflow of yours', 0.95) AS objectives,
     5 AS least_failed
SELECT account_id,
       workflow,
       least(ifNull(rate_1h, 0), ifNull(rate_5m, 0))
           / (1 - if(mapContains(objectives, workflow), objectives[workflow], objective)) AS value
FROM bad_run_rates
WHERE bad_1h >= least_failed;
