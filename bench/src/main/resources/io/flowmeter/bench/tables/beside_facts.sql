-- Two answers of the dashboards', from rollups and from the facts, for one workflow and for all of them, over a range that ends now:
-- so that one sees what rollups spare.

-- lost_time
SELECT sum(lost_ms) AS lost_ms
FROM steps_between(since = now('UTC') - INTERVAL ${range} SECOND, until = now('UTC'), every = 0)
WHERE ${workflow};

-- slowest_steps
SELECT workflow, step, type, sum(r.runs) AS runs, flowmeter_quantile(sumMap(r.wall_buckets), 0.50) AS p50,
       flowmeter_quantile(sumMap(r.wall_buckets), 0.95) AS p95, flowmeter_quantile(sumMap(r.wall_buckets), 0.99) AS p99
FROM steps_between(since = now('UTC') - INTERVAL ${range} SECOND, until = now('UTC'), every = 0) AS r
WHERE ${workflow}
GROUP BY workflow, step, type ORDER BY p95 DESC LIMIT 100;

-- facts.lost_time
SELECT sum(weight * lost_ms) AS lost_ms
FROM step_runs
WHERE ${workflow} AND ended_at >= now() - INTERVAL ${range} SECOND;

-- facts.slowest_steps
SELECT workflow, step, type, sum(weight) AS runs, quantilesExactWeighted(0.50, 0.95, 0.99)(assumeNotNull(wall_ms), toUInt64(weight)) AS q
FROM step_runs
WHERE ${workflow} AND ended_at >= now() - INTERVAL ${range} SECOND AND wall_ms IS NOT NULL
GROUP BY workflow, step, type ORDER BY q[2] DESC LIMIT 100;
