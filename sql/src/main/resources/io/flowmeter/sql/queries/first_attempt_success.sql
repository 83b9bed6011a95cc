-- Which steps succeed at their first attempt less often than last week?
-- Of steps that finished: the last day beside the 7 days before it.
SELECT workflow,
       step,
       sumIf(runs - unfinished, hour >= now() - INTERVAL 1 DAY) AS finished,
       round(sumIf(first_attempt_ok, hour >= now() - INTERVAL 1 DAY) / nullIf(finished, 0), 4) AS last_day,
       round(sumIf(first_attempt_ok, hour < now() - INTERVAL 1 DAY)
             / nullIf(sumIf(runs - unfinished, hour < now() - INTERVAL 1 DAY), 0), 4) AS week_before,
       round(last_day - week_before, 4) AS change
FROM step_hours
WHERE type = 'step' AND hour >= now() - INTERVAL 8 DAY
GROUP BY account_id, workflow, step
HAVING finished > 0
ORDER BY change NULLS LAST, last_day
LIMIT 50;
