-- What did one run do, step by step? Put one of yours in place of the instance that ended last.
-- An id is one of a workflow: put that in, too, and the account.
WITH (
        SELECT argMax((account_id, workflow, instance_id), ended_at)
        FROM instances
        WHERE ended_at >= now() - INTERVAL 1 DAY AND step_count > 0
    ) AS this_instance,
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
WHERE account_id = this_instance.1 AND workflow = this_instance.2 AND instance_id = this_instance.3
ORDER BY run, step_index;
