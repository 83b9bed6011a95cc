-- Where are runs stuck: for more than 3 times as long in a step as 99 % of its runs in the last week, and for more than 5 s?
-- The value: how many. The relation stuck_runs has the definition.
SELECT account_id,
       workflow,
       step,
       toFloat64(count()) AS value
FROM stuck_runs
GROUP BY account_id, workflow, step;
