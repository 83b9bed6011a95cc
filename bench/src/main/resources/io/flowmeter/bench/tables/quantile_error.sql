-- The largest relative error of quantiles that are read from buckets, over all steps of all workflows in the last day but
-- its newest hour: beside the duration of the very rank that flowmeter_quantile looks for.
SELECT max(abs(flowmeter_quantile(buckets, 0.5) / exact[1] - 1)) AS p50,
       max(abs(flowmeter_quantile(buckets, 0.95) / exact[2] - 1)) AS p95,
       max(abs(flowmeter_quantile(buckets, 0.99) / exact[3] - 1)) AS p99
FROM (
    SELECT workflow, step, sumMap(wall_buckets) AS buckets
    FROM step_minute_parts
    WHERE minute >= toStartOfHour(now()) - INTERVAL 1 DAY AND minute < toStartOfHour(now()) - INTERVAL 1 HOUR
    GROUP BY workflow, step
) AS from_buckets
JOIN (
    SELECT workflow, step,
           arrayMap(q -> arraySort(groupArray(assumeNotNull(wall_ms)))[1 + toUInt64(floor(q * (count() - 1)))],
                    [0.5, 0.95, 0.99]) AS exact
    FROM step_runs
    WHERE ended_at >= toStartOfHour(now()) - INTERVAL 1 DAY AND ended_at < toStartOfHour(now()) - INTERVAL 1 HOUR
    GROUP BY workflow, step
) AS from_facts USING (workflow, step);
