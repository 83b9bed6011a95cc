-- Which steps fail in a way that is new with a version deployed within a day? The value: how many runs failed so. New is an
-- error that no run of another version had. Judged are the versions of the relation judged_versions.
-- What other versions had in these two days is sorted out first, so that only rare errors are looked for in all that is kept.
WITH deployed AS (
        SELECT account_id, workflow, version_id
        FROM judged_versions
        WHERE deployed_at >= now() - INTERVAL 1 DAY
    ),
    lately AS (
        SELECT account_id, error_group
        FROM instances
        WHERE run >= toUnixTimestamp64Milli(now64(3) - INTERVAL 2 DAY) AND error_group IS NOT NULL AND end_kind != ''
          AND (account_id, workflow) IN (SELECT account_id, workflow FROM deployed)
        GROUP BY account_id, workflow, error_group
        HAVING (account_id, workflow, groupUniqArray(version_id)) IN (SELECT account_id, workflow, [version_id] FROM deployed)
    )
SELECT account_id, workflow, version_id, step, toFloat64(sum(runs)) AS value
FROM (
    SELECT account_id, workflow, any(version_id) AS version_id, any(ifNull(failed_step, '')) AS step, sum(greatest(weight, 1)) AS runs
    FROM instances
    WHERE end_kind != '' AND error_group IN (SELECT assumeNotNull(error_group) FROM lately)
      AND (account_id, workflow) IN (SELECT account_id, workflow FROM deployed)
    GROUP BY account_id, workflow, error_group
    HAVING uniqExact(instances.version_id) = 1
)
GROUP BY account_id, workflow, version_id, step;
