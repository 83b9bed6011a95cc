-- Is the error budget burning? Put your own objective, the share of runs that should complete, in place of 0.99.
-- A burn of 1 uses up a budget in just the time it is for. It takes two windows to say so, so that what is over is not
-- told any more: 14.4 in the last hour and 5 minutes (an hour of it takes 2 % of 30 days' budget), or 6 in 6 hours and 30.
WITH 0.99 AS objective
SELECT workflow,
       round(sumIf(bad, minute >= now() - INTERVAL 5 MINUTE)
             / nullIf(sumIf(ended, minute >= now() - INTERVAL 5 MINUTE), 0) / (1 - objective), 2) AS burn_5m,
       round(sumIf(bad, minute >= now() - INTERVAL 30 MINUTE)
             / nullIf(sumIf(ended, minute >= now() - INTERVAL 30 MINUTE), 0) / (1 - objective), 2) AS burn_30m,
       round(sumIf(bad, minute >= now() - INTERVAL 1 HOUR)
             / nullIf(sumIf(ended, minute >= now() - INTERVAL 1 HOUR), 0) / (1 - objective), 2) AS burn_1h,
       round(sum(bad) / nullIf(sum(ended), 0) / (1 - objective), 2) AS burn_6h,
       multiIf(burn_1h > 14.4 AND burn_5m > 14.4, 'fast', burn_6h > 6 AND burn_30m > 6, 'slowly', 'no') AS burning
FROM (
    SELECT account_id, workflow, minute, errored + terminated AS bad, completed + bad AS ended
    FROM workflow_minute_parts
    WHERE minute >= now() - INTERVAL 6 HOUR
)
GROUP BY account_id, workflow
HAVING sum(ended) > 0
ORDER BY greatest(burn_1h / 14.4, burn_6h / 6) DESC;
