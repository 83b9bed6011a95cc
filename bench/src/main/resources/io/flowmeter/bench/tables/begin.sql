-- Random numbers that are the same in every run: of a run's number n and of what they are for.

-- Evenly in (0, 1).
CREATE OR REPLACE FUNCTION bench_uniform AS (n, what) -> (cityHash64(n, what) % 1000003 + 0.5) / 1000003;

-- Of the standard normal distribution (Box and Muller, 1958).
CREATE OR REPLACE FUNCTION bench_normal AS (n, what) ->
    sqrt(-2 * log(bench_uniform(n, what))) * cos(2 * pi() * bench_uniform(n, what + 500000));

-- Log-normal, in whole milliseconds, 1 at least.
CREATE OR REPLACE FUNCTION bench_ms AS (n, what, mu, sigma) -> toInt64(1 + exp(mu + sigma * bench_normal(n, what)));

CREATE OR REPLACE FUNCTION bench_uuid AS (n) ->
    toString(reinterpretAsUUID(concat(reinterpretAsString(sipHash64(n, 1)), reinterpretAsString(sipHash64(n, 2)))));

CREATE OR REPLACE FUNCTION bench_workflow AS (w) -> concat('workflow-', leftPad(toString(w), 2, '0'));

-- Buckets as a map that holds how often each is there; the buckets are sorted. Quicker than sumMap where they are few.
CREATE OR REPLACE FUNCTION bench_counted AS (buckets) -> mapFromArrays(
    arrayDistinct(buckets), arrayMap(bucket -> toInt64(countEqual(buckets, bucket)), arrayDistinct(buckets)));

-- A workflow is deployed every nine days, each at an hour of its own.
CREATE OR REPLACE FUNCTION bench_version AS (w, ms) -> bench_uuid((w, intDiv(ms + w * 3600000, 777600000)));

-- Workflows, their versions, and a few thousand runs that still live.

INSERT INTO workflows_rows
    (account_id, workflow, workflow_id, class_name, script_name, created_at, observed_at, revision)
SELECT '${account}', bench_workflow(number), bench_uuid(('workflow', number)), 'Orders', 'orders',
       fromUnixTimestamp64Milli(toInt64(${from}), 'UTC'), now64(3), 1
FROM numbers(50);

INSERT INTO versions_rows
    (account_id, workflow, version_id, created_at, class_name, has_dag, observed_at, revision)
SELECT '${account}', bench_workflow(w), bench_version(w, at), fromUnixTimestamp64Milli(greatest(min(at), ${from}), 'UTC'),
       'Orders', true, now64(3), 1
FROM (
    SELECT number % 50 AS w, toInt64(${from} + intDiv(number, 50) * 3600000) AS at
    FROM numbers(toUInt64(50 * (1 + intDiv(${to} - ${from}, 3600000))))
)
GROUP BY w, bench_version(w, at);

INSERT INTO instances_rows
    (account_id, workflow, instance_id, run, is_newest, version_id, trigger_source, status, queued_at, started_at,
     end_kind, queue_ms, paused_ms, current_step, current_type, current_since, current_attempt, weight, detail_at,
     observed_at, inserted_at, revision, deleted)
SELECT '${account}', bench_workflow(w), bench_uuid(('live', n)), at, true, bench_version(w, at), 'api', 'running',
       fromUnixTimestamp64Milli(at, 'UTC') AS queued, queued, '', 0, 0, concat('step ', toString(step)), 'step', queued, 1,
       0, now64(3), now64(3), now64(3), at, false
FROM (
    SELECT number AS n, n % 50 AS w, toInt64(${to} - 1000 - 60000 * bench_ms(n, 1, 2, 2)) AS at, n % 20 AS step
    FROM numbers(5000)
);

INSERT INTO transitions_rows
    (account_id, workflow, instance_id, run, seq, from_status, to_status, at, at_is_exact, not_before, previous_ms, revision)
SELECT account_id, workflow, instance_id, run, seq, if(seq = 1, '', 'queued'), if(seq = 1, 'queued', 'running'),
       assumeNotNull(queued_at), true, assumeNotNull(queued_at), 0, run
FROM instances
ARRAY JOIN [1, 2] AS seq
WHERE status = 'running';
