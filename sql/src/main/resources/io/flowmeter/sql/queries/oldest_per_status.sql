-- Which live run has been in its status for longest, in each status of each workflow?
-- The time of a change that no poll saw happen is that of the first poll after it.
-- Live runs are found first, by what is little to read of all runs; the rest is read of them only.
WITH live AS (
        SELECT account_id, workflow, instance_id, run, status, queued_at
        FROM instances
        WHERE is_newest AND end_kind = ''
          AND (account_id, workflow, run) IN (SELECT account_id, workflow, run FROM instances WHERE end_kind = '')
    ),
    changes AS (
        SELECT account_id, workflow, instance_id, run, toNullable(max(at)) AS changed_at
        FROM transitions
        WHERE (account_id, workflow, run, instance_id) IN (SELECT account_id, workflow, run, instance_id FROM live)
        GROUP BY account_id, workflow, instance_id, run
    )
SELECT workflow,
       status,
       toInt64(count()) AS live_runs,
       argMin(instance_id, coalesce(changed_at, queued_at)) AS oldest,
       min(coalesce(changed_at, queued_at)) AS since,
       dateDiff('second', since, now64(3)) AS oldest_s
FROM live
LEFT JOIN changes USING (account_id, workflow, instance_id, run)
GROUP BY account_id, workflow, status
ORDER BY oldest_s DESC;
