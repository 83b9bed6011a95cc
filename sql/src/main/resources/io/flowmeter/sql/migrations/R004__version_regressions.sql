-- Whether the newest version of a workflow is worse than the one before, beyond chance, is a long question that a ready query and
-- a dashboard ask: of a range, and of a workflow or of all, it is told here once.

-- Of the versions of which runs ended in the range, the newest and the one before. p_fails and p_slower tell how likely mere chance
-- makes such a difference (Fisher's exact test), times the number of tests of the workflow, so that many steps make no false
-- alarm. Slower: more durations above the old p95, and a p95 at least a tenth higher. Where runs are sampled, the tests count what
-- was looked at.

CREATE OR REPLACE VIEW version_regressions AS
WITH 0.05 AS alpha,
    newest AS (
        SELECT account_id, workflow, version_id,
               row_number() OVER (PARTITION BY account_id, workflow ORDER BY coalesce(created_at, first_at) DESC) AS age
        FROM (
            SELECT account_id, workflow, version_id, min(at) AS first_at
            FROM runs_between(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, every = 3600)
            WHERE version_id != ''
            GROUP BY account_id, workflow, version_id
            HAVING sum(completed + errored + terminated) > 0
        ) AS m
        LEFT JOIN versions AS v USING (account_id, workflow, version_id)
    ),
    measured AS (
        SELECT account_id, workflow, version_id, '(run)' AS step, '' AS type,
               sum(completed + errored + terminated) AS n, sum(errored) AS bad, n AS looked_at,
               sumMap(run_buckets) AS buckets, sum(sampled) AS timed
        FROM runs_between(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, every = 0)
        GROUP BY account_id, workflow, version_id
        UNION ALL
        SELECT account_id, workflow, version_id, step, type,
               sum(runs), sum(failed + timed_out), sum(sampled), sumMap(wall_buckets), sum(sampled)
        FROM steps_between(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, every = 0)
        WHERE step != ''
        GROUP BY account_id, workflow, version_id, step, type
    ),
    compared AS (
        SELECT account_id, workflow, step, type,
               maxIf(version_id, age = 2) AS old_version, maxIf(version_id, age = 1) AS new_version,
               sumIf(n, age = 2) AS old_n, sumIf(n, age = 1) AS new_n,
               sumIf(bad, age = 2) / old_n AS old_failed, sumIf(bad, age = 1) / new_n AS new_failed,
               sumIf(looked_at, age = 2) AS old_looked_at, sumIf(looked_at, age = 1) AS new_looked_at,
               sumIf(timed, age = 2) AS old_timed, sumIf(timed, age = 1) AS new_timed,
               sumMapIf(buckets, age = 2) AS old_buckets, sumMapIf(buckets, age = 1) AS new_buckets,
               flowmeter_quantile(old_buckets, 0.95) AS old_p95, flowmeter_quantile(new_buckets, 0.95) AS new_p95,
               flowmeter_longer_than(old_buckets, ifNull(old_p95, 0)) / arraySum(mapValues(old_buckets)) AS old_longer,
               flowmeter_longer_than(new_buckets, ifNull(old_p95, 0)) / arraySum(mapValues(new_buckets)) AS new_longer
        FROM measured
        INNER JOIN newest USING (account_id, workflow, version_id)
        WHERE age <= 2
        GROUP BY account_id, workflow, step, type
        HAVING old_n > 0 AND new_n > 0
    )
SELECT account_id,
       workflow,
       step,
       type,
       old_version,
       new_version,
       old_n AS old_times,
       new_n AS new_times,
       round(100 * old_failed, 2) AS old_failed_pct,
       round(100 * new_failed, 2) AS new_failed_pct,
       if(new_failed > old_failed,
          least(1, tests * flowmeter_chance(toInt64(round(new_failed * new_looked_at)), new_looked_at,
                                            toInt64(round(old_failed * old_looked_at)), old_looked_at)),
          1.) AS p_fails,
       round(old_p95) AS old_p95_ms,
       round(new_p95) AS new_p95_ms,
       if(new_longer > old_longer,
          least(1, tests * flowmeter_chance(toInt64(round(new_longer * new_timed)), new_timed,
                                            toInt64(round(old_longer * old_timed)), old_timed)),
          1.) AS p_slower,
       multiIf(p_fails < alpha AND p_slower < alpha AND new_p95 >= 1.1 * old_p95, 'fails more and is slower',
               p_fails < alpha, 'fails more',
               p_slower < alpha AND new_p95 >= 1.1 * old_p95, 'is slower',
               'not shown to be worse') AS verdict
FROM (SELECT *, 2 * toInt64(count() OVER (PARTITION BY account_id, workflow)) AS tests FROM compared);
