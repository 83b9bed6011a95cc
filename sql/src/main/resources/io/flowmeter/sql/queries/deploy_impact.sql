-- What changed with each deploy of the last week: the hour before beside the hour after?
-- All runs that ended in it, of whatever version. For a comparison of versions themselves, see version_regressions.
WITH deploys AS (
        SELECT account_id, workflow, version_id, toDateTime(assumeNotNull(created_at), 'UTC') AS deployed_at
        FROM versions
        WHERE created_at >= now() - INTERVAL 7 DAY
    )
SELECT d.workflow AS workflow,
       d.version_id AS version_id,
       deployed_at,
       sumIf(completed + errored + terminated, minute < deployed_at) AS ended_before,
       sumIf(completed + errored + terminated, minute >= deployed_at) AS ended_after,
       round(100 * <<success_rate of workflow_minute_parts m if minute < deployed_at>>, 1) AS success_pct_before,
       round(100 * <<success_rate of workflow_minute_parts m if minute >= deployed_at>>, 1) AS success_pct_after,
       round(flowmeter_quantile(sumMapIf(run_buckets, minute < deployed_at), 0.95)) AS run_p95_ms_before,
       round(flowmeter_quantile(sumMapIf(run_buckets, minute >= deployed_at), 0.95)) AS run_p95_ms_after
FROM deploys AS d
INNER JOIN (
    SELECT account_id, workflow, minute, completed, errored, terminated, run_buckets
    FROM workflow_minute_parts
    WHERE (account_id, workflow, toStartOfHour(minute)) IN (
        SELECT account_id, workflow, arrayJoin([-1, 0, 1]) * 3600 + toStartOfHour(deployed_at) FROM deploys)
) AS m USING (account_id, workflow)
WHERE minute >= deployed_at - INTERVAL 1 HOUR AND minute < deployed_at + INTERVAL 1 HOUR
GROUP BY d.account_id, workflow, version_id, deployed_at
ORDER BY deployed_at DESC, workflow;
