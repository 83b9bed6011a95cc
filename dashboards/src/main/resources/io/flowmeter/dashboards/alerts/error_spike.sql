-- Which workflows fail improbably often now? The value: how many of 100 runs errored in the spike that is open. A spike is over
-- after 6 hours at most, or with the workflow: an open one that is older is of an account that is not polled any more.
SELECT account_id,
       workflow,
       100 * argMax(observed_share, opened_at) AS value
FROM error_spikes
WHERE closed_at IS NULL AND opened_at >= now() - INTERVAL 1 DAY
GROUP BY account_id, workflow;
