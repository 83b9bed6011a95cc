-- Is the error budget burning? The objective, the share of runs that should complete, is the setting slo.objective.
-- A burn rate of 1 uses up a budget in just the time it is for. It takes two windows to say so, so that what is over is not
-- reported any more: 14.4 in the last 1 h and 5 min (1 h of it takes 2 % of 30 days' budget), or 6 in 6 h and 30 min.
WITH (SELECT success_objective FROM settings) AS objective
SELECT workflow,
       round(rate_5m / (1 - objective), 2) AS burn_5m,
       round(rate_30m / (1 - objective), 2) AS burn_30m,
       round(rate_1h / (1 - objective), 2) AS burn_1h,
       round(rate_6h / (1 - objective), 2) AS burn_6h,
       multiIf(burn_1h > 14.4 AND burn_5m > 14.4, 'fast', burn_6h > 6 AND burn_30m > 6, 'slowly', 'no') AS burning
FROM bad_run_rates
ORDER BY greatest(burn_1h / 14.4, burn_6h / 6) DESC;
