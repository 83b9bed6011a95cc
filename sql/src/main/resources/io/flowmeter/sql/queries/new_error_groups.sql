-- Which errors are new since the newest version of their workflow? Those that no run of an earlier version had.
-- A version is judged if a run of another one ended in the last year: of a first version all errors are new. A run that a deploy found under way keeps its version: its errors are not the newer one's.
SELECT g.workflow AS workflow,
       n.version_id AS since_version,
       n.deployed_at AS deployed_at,
       step,
       error_name,
       message_pattern,
       runs,
       first_seen,
       last_seen,
       sample_instance_id,
       sample_run
FROM error_groups AS g
JOIN judged_versions AS n ON n.account_id = g.account_id AND n.workflow = g.workflow
WHERE g.versions = [n.version_id]
ORDER BY runs DESC, first_seen
LIMIT 20;
