-- Is a workflow getting worse?
-- The last 7 days beside the 7 before them, by the runs that ended in each, and for queue times by those that began.
SELECT workflow,
       sumIf(ended, is_new) AS ended_now,
       sumIf(ended, NOT is_new) AS ended_before,
       round(100 * sumIf(completed, is_new) / nullIf(ended_now, 0), 2) AS success_pct,
       round(100 * sumIf(completed, NOT is_new) / nullIf(ended_before, 0), 2) AS success_pct_before,
       round(flowmeter_quantile(sumMapIf(run_buckets, is_new), 0.95)) AS run_p95_ms,
       round(flowmeter_quantile(sumMapIf(run_buckets, NOT is_new), 0.95)) AS run_p95_ms_before,
       round(flowmeter_quantile(sumMapIf(queue_buckets, is_new), 0.95)) AS queue_p95_ms,
       round(flowmeter_quantile(sumMapIf(queue_buckets, NOT is_new), 0.95)) AS queue_p95_ms_before,
       round(sumIf(retries, is_new) / nullIf(sumIf(attempts, is_new), 0), 4) AS retry_rate,
       round(sumIf(retries, NOT is_new) / nullIf(sumIf(attempts, NOT is_new), 0), 4) AS retry_rate_before
FROM (
    SELECT account_id, workflow, true AS is_new, completed, completed + errored + terminated AS ended,
           attempts, retries, run_buckets, queue_buckets
    FROM runs_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0)
    UNION ALL
    SELECT account_id, workflow, false AS is_new, completed, completed + errored + terminated AS ended,
           attempts, retries, run_buckets, queue_buckets
    FROM runs_between(since = now('UTC') - INTERVAL 14 DAY, until = now('UTC') - INTERVAL 7 DAY, every = 0)
)
GROUP BY account_id, workflow
HAVING ended_now + ended_before > 0
ORDER BY success_pct - success_pct_before NULLS LAST, ended_now DESC;
