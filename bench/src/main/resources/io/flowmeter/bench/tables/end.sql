DROP TABLE IF EXISTS bench_steps_0;
DROP TABLE IF EXISTS bench_steps_1;
DROP TABLE IF EXISTS bench_runs_0;
DROP TABLE IF EXISTS bench_runs_1;
DROP FUNCTION IF EXISTS bench_counted;
DROP FUNCTION IF EXISTS bench_version;
DROP FUNCTION IF EXISTS bench_workflow;
DROP FUNCTION IF EXISTS bench_uuid;
DROP FUNCTION IF EXISTS bench_ms;
DROP FUNCTION IF EXISTS bench_normal;
DROP FUNCTION IF EXISTS bench_uniform;

-- Statuses as of now, and what collecting did.

INSERT INTO status_counts_now_rows
    (account_id, workflow, status, count, reported, drift, drift_sweeps, as_of, revision, deleted)
SELECT account_id, workflow, status, argMax(count, minute), argMax(reported, minute), argMax(drift, minute), 0, now64(3), 1, false
FROM status_counts
GROUP BY account_id, workflow, status;

INSERT INTO collector_minutes_rows
    (account_id, minute, process, requests, rejected_429, failed, budget_left, known, fetched, lost_sampled_out,
     observed_at, revision)
SELECT '${account}', toDateTime(intDiv(${from}, 60000) * 60 + 60 * number, 'UTC') AS minute, 'ingest 1', 150, 0, 0, 690, 4, 4, 0,
       minute, 1
FROM numbers(toUInt64(intDiv(${to} - ${from}, 60000)));
