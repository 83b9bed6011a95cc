-- Do runs end otherwise by what triggered them?
-- Runs that came in the last day, and runs that ended in it. Where those of one trigger fail and the others' do not, look at
-- what it sends.
SELECT workflow,
       trigger_source,
       sum(queued) AS came,
       sum(completed) AS ok,
       sum(errored) AS failed,
       sum(terminated) AS stopped,
       round(100 * <<success_rate of runs_between>>, 1) AS success_pct,
       round(flowmeter_quantile(sumMap(run_buckets), 0.95)) AS run_p95_ms
FROM runs_between(since = now('UTC') - INTERVAL 1 DAY, until = now('UTC'), every = 0)
GROUP BY account_id, workflow, trigger_source
HAVING came + ok + failed + stopped > 0
ORDER BY workflow, came DESC, trigger_source;
