-- How long does a workflow take to complete a run again after one errored (MTTR)?
-- An outage lasts from the first errored run after a completed one to the next completed one; terminated runs, which
-- somebody stopped, are neither. Of one workflow, in the last 30 days.
WITH '' AS chosen_workflow, -- Parameter workflow (String): which workflow; if empty, the busiest
    1 AS at_least, -- Parameter at_least (UInt32): how many errored runs an outage has at least
    if(chosen_workflow = '', (
        SELECT argMax(workflow, runs)
        FROM (
            SELECT workflow, sum(completed + errored + terminated) AS runs
            FROM runs_between(since = now('UTC') - INTERVAL 30 DAY, until = now('UTC'), every = 0)
            GROUP BY account_id, workflow)
    ), chosen_workflow) AS this_workflow,
    ended AS (
        SELECT account_id, workflow, ended_at, status,
               countIf(status = 'complete') OVER (
                   PARTITION BY account_id, workflow ORDER BY ended_at, run, instance_id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS completed_before
        FROM instances
        WHERE workflow = this_workflow AND status IN ('complete', 'errored') AND ended_at >= now() - INTERVAL 30 DAY
    ),
    outages AS (
        SELECT account_id, workflow,
               minIf(ended_at, status = 'errored') AS began_at,
               maxIf(ended_at, status = 'complete') AS mended_at,
               dateDiff('millisecond', began_at, mended_at) / 60000 AS minutes
        FROM ended
        GROUP BY account_id, workflow, completed_before
        HAVING countIf(status = 'errored') >= at_least
    )
SELECT workflow,
       toInt64(count(mended_at)) AS outages_mended,
       round(avg(minutes), 1) AS mttr_minutes,
       round(quantileExactInclusive(0.5)(minutes), 1) AS median_minutes,
       round(max(minutes), 1) AS longest_minutes,
       maxIf(began_at, mended_at IS NULL) AS still_out_since
FROM outages
GROUP BY account_id, workflow
ORDER BY mttr_minutes DESC;
