-- Which runs have been alive for longest, and what are they doing?
-- Live runs are found first, by what is little to read of all runs; the rest is read of them only.
SELECT workflow,
       instance_id,
       status,
       dateDiff('second', coalesce(started_at, queued_at), now64(3)) AS alive_s,
       current_step,
       current_type,
       current_since,
       observed_at
FROM instances
WHERE is_newest AND end_kind = '' AND ended_at IS NULL
  AND (account_id, workflow, run) IN (SELECT account_id, workflow, run FROM instances WHERE end_kind = '')
ORDER BY alive_s DESC
LIMIT 20;
