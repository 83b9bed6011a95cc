-- What the runs that are carried over put into minutes from the first one on, recounted from their facts: the same three
-- rows a run as the topology makes of it. All of it is one part.

INSERT INTO workflow_minutes_rows_rebuild
    (account_id, workflow, version_id, trigger_source, minute, part,
     queued, started, completed, errored, terminated, sampled, attempts, retries, lost_ms, run_ms_sum,
     queue_buckets, run_buckets, total_buckets, revision, deleted)
WITH carried AS (
    SELECT *,
           if(end_kind = 'api', ended_at, NULL) AS over_at,
           CAST(map(), 'Map(Int16, Int64)') AS no_buckets
    FROM instances_rows FINAL
    WHERE run < ${boundary})
SELECT account_id, workflow, version_id, trigger_source, at_minute, ${part},
       sum(q), sum(s), sum(c), sum(e), sum(t), sum(w > 0), sum(a), sum(r), sum(l), sum(ms),
       sumMap(qb), sumMap(rb), sumMap(tb), ${boundary}, false
FROM (
    SELECT account_id, workflow, version_id, trigger_source,
           toDateTime(toStartOfMinute(assumeNotNull(queued_at)), 'UTC') AS at_minute,
           1 AS q, 0 AS s, 0 AS c, 0 AS e, 0 AS t, toInt64(0) AS w,
           toInt64(0) AS a, toInt64(0) AS r, toInt64(0) AS l, toInt64(0) AS ms,
           no_buckets AS qb, no_buckets AS rb, no_buckets AS tb
    FROM carried WHERE queued_at >= fromUnixTimestamp64Milli(${from}, 'UTC')
    UNION ALL
    SELECT account_id, workflow, version_id, trigger_source,
           toDateTime(toStartOfMinute(assumeNotNull(started_at)), 'UTC'),
           0, 1, 0, 0, 0, 0,
           0, 0, 0, 0,
           if(weight > 0, flowmeter_buckets(queue_ms, weight), no_buckets), no_buckets, no_buckets
    FROM carried WHERE started_at >= fromUnixTimestamp64Milli(${from}, 'UTC')
    UNION ALL
    SELECT account_id, workflow, version_id, trigger_source,
           toDateTime(toStartOfMinute(assumeNotNull(over_at)), 'UTC'),
           0, 0, status = 'complete', status = 'errored', status = 'terminated', weight,
           if(weight > 0, weight * ifNull(attempts, 0), 0), if(weight > 0, weight * ifNull(retries, 0), 0),
           if(weight > 0, weight * ifNull(lost_ms, 0), 0), if(weight > 0, weight * ifNull(run_ms, 0), 0),
           no_buckets,
           if(weight > 0, flowmeter_buckets(run_ms, weight), no_buckets),
           if(weight > 0, flowmeter_buckets(total_ms, weight), no_buckets)
    FROM carried WHERE over_at >= fromUnixTimestamp64Milli(${from}, 'UTC'))
GROUP BY account_id, workflow, version_id, trigger_source, at_minute;
