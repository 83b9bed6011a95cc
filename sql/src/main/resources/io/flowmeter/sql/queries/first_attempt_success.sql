-- Which steps succeed at their first attempt less often than last week?
-- Of steps that finished: the last day beside the 7 days before it.
SELECT workflow,
       step,
       sumIf(runs - unfinished, is_new) AS finished,
       round(<<first_attempt_success of steps_between if is_new>>, 4) AS last_day,
       round(<<first_attempt_success of steps_between if NOT is_new>>, 4) AS week_before,
       round(last_day - week_before, 4) AS change
FROM (
    SELECT account_id, workflow, step, type, runs, unfinished, first_attempt_ok, true AS is_new
    FROM steps_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
    UNION ALL
    SELECT account_id, workflow, step, type, runs, unfinished, first_attempt_ok, false AS is_new
    FROM steps_between(since = now('UTC') - INTERVAL 8 DAY, until = now('UTC') - INTERVAL 1 DAY, every = 0)
)
WHERE type = 'step'
GROUP BY account_id, workflow, step
HAVING finished > 0
ORDER BY change NULLS LAST, last_day
LIMIT 50;
