-- What did one run do, step by step? Put an instance_id of yours in place of the last one that ended.
WITH (SELECT argMax(instance_id, ended_at) FROM instances WHERE ended_at >= now() - INTERVAL 1 DAY AND step_count > 0) AS this_instance,
     min(started_at) OVER (PARTITION BY run) AS run_began,
     max(ended_at) OVER (PARTITION BY run) AS run_ended,
     60 / greatest(dateDiff('millisecond', run_began, run_ended), 1) AS chars_per_ms
SELECT run,
       step_index,
       if(step = '', type, step) AS what,
       outcome,
       attempts,
       dateDiff('millisecond', run_began, started_at) AS from_ms,
       wall_ms,
       concat(repeat(' ', toUInt32(from_ms * chars_per_ms)),
              repeat('█', greatest(1, toUInt32(wall_ms * chars_per_ms)))) AS chart
FROM step_runs
WHERE instance_id = this_instance
ORDER BY run, step_index;
