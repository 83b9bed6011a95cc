-- How does every workflow do: how many instances are in which status now, and what its runs did in the range?
WITH statuses AS (
        SELECT account_id, workflow,
               sumIf(count, status = 'queued') AS queued,
               sumIf(count, status = 'running') AS running,
               sumIf(count, status NOT IN ('queued', 'running', 'paused', 'complete', 'errored', 'terminated')) AS waiting,
               sumIf(count, status = 'paused') AS paused,
               max(as_of) AS seen_at
        FROM status_counts_now
        GROUP BY account_id, workflow
    ),
    runs AS (
        SELECT account_id, workflow,
               <<success_rate of runs_between r>> AS success_share,
               sum(r.completed + r.errored + r.terminated) AS ended,
               sum(r.lost_ms) AS lost,
               flowmeter_quantile(sumMap(run_buckets), 0.95) AS p95
        FROM runs_between(since = now('UTC') - INTERVAL ${seconds} SECOND, until = now('UTC'), every = 0) AS r
        GROUP BY account_id, workflow
    ),
    attempts AS (
        SELECT account_id, workflow, <<retry_rate of steps_between>> AS retry_rate
        FROM steps_between(since = now('UTC') - INTERVAL ${seconds} SECOND, until = now('UTC'), every = 0)
        WHERE type = 'step'
        GROUP BY account_id, workflow
    ),
    spikes AS (
        SELECT account_id, workflow, count() AS spikes, countIf(closed_at IS NULL AND opened_at >= now() - INTERVAL 1 DAY) AS open
        FROM error_spikes
        WHERE opened_at >= now() - INTERVAL 31 DAY AND (closed_at IS NULL OR closed_at >= now() - INTERVAL ${seconds} SECOND)
        GROUP BY account_id, workflow
    )
SELECT account_id, workflow, queued, running, waiting, paused,
       ended / ${seconds} * 60 AS ended_a_minute,
       success_share,
       retry_rate,
       if(ended = 0, NULL, p95) AS p95_ms,
       lost AS lost_ms,
       spikes,
       open AS open_spikes,
       toUnixTimestamp64Milli(seen_at) AS seen_at_ms
FROM statuses
LEFT JOIN runs USING (account_id, workflow)
LEFT JOIN attempts USING (account_id, workflow)
LEFT JOIN spikes USING (account_id, workflow)
ORDER BY account_id, workflow;
