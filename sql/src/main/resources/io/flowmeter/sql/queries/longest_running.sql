-- Which runs have been alive for longest, and what are they doing?
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
ORDER BY alive_s DESC
LIMIT 20;
