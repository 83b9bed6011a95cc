-- Is the newest version of a workflow better than the ones before?
SELECT r.workflow AS workflow,
       r.version_id AS version_id,
       any(v.created_at) AS deployed_at,
       sum(completed + errored + terminated) AS ended,
       round(100 * <<success_rate of runs_between r>>, 1) AS success_pct,
       round(<<retry_rate of runs_between r>>, 4) AS retry_rate,
       round(flowmeter_quantile(sumMap(total_buckets), 0.50)) AS total_p50_ms,
       round(flowmeter_quantile(sumMap(total_buckets), 0.95)) AS total_p95_ms
FROM runs_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0) AS r
LEFT JOIN versions AS v USING (account_id, workflow, version_id)
GROUP BY account_id, workflow, version_id
ORDER BY workflow, deployed_at DESC;
