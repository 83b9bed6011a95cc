-- Is a workflow getting worse?
-- The last 7 days beside the 7 before them, by the runs that ended in each, and for queue times by those that began.
SELECT workflow,
       sumIf(completed + errored + terminated, is_new) AS ended_now,
       sumIf(completed + errored + terminated, NOT is_new) AS ended_before,
       round(100 * <<success_rate of runs_between r if is_new>>, 2) AS success_pct,
       round(100 * <<success_rate of runs_between r if NOT is_new>>, 2) AS success_pct_before,
       round(flowmeter_quantile(sumMapIf(run_buckets, is_new), 0.95)) AS run_p95_ms,
       round(flowmeter_quantile(sumMapIf(run_buckets, NOT is_new), 0.95)) AS run_p95_ms_before,
       round(flowmeter_quantile(sumMapIf(queue_buckets, is_new), 0.95)) AS queue_p95_ms,
       round(flowmeter_quantile(sumMapIf(queue_buckets, NOT is_new), 0.95)) AS queue_p95_ms_before,
       round(<<retry_rate of runs_between r if is_new>>, 4) AS retry_rate,
       round(<<retry_rate of runs_between r if NOT is_new>>, 4) AS retry_rate_before
FROM (
    SELECT account_id, workflow, true AS is_new, completed, errored, terminated, attempts, retries,
            run_buckets, queue_buckets
    FROM runs_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0)
    UNION ALL
    SELECT account_id, workflow, false AS is_new, completed, errored, terminated, attempts, retries,
            run_buckets, queue_buckets
    FROM runs_between(since = now('UTC') - INTERVAL 14 DAY, until = now('UTC') - INTERVAL 7 DAY, every = 0)
) AS r
GROUP BY account_id, workflow
HAVING ended_now + ended_before > 0
ORDER BY success_pct - success_pct_before NULLS LAST, ended_now DESC;
