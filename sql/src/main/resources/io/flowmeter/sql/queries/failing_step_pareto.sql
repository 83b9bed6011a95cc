-- Which few steps make most of the errored runs of the last week?
-- Mending all steps down to a line would spare the share beside it. Runs that errored outside of a step have none.
SELECT workflow,
       if(failed_step = '' OR failed_step IS NULL, '(none)', failed_step) AS step,
       toInt64(count()) AS errored,
       round(errored / sum(errored) OVER (PARTITION BY account_id), 4) AS share,
       round(sum(errored) OVER (PARTITION BY account_id ORDER BY errored DESC, workflow, step)
             / sum(errored) OVER (PARTITION BY account_id), 4) AS share_up_to_here
FROM instances
WHERE status = 'errored' AND ended_at >= now() - INTERVAL 7 DAY
GROUP BY account_id, workflow, step
ORDER BY account_id, errored DESC, workflow, step
LIMIT 50;
