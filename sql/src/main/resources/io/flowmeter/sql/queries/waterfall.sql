-- What did one run do, step by step?
-- Of each run of one instance. What is unfinished goes on until now.
WITH '' AS chosen_instance, -- Parameter instance (String): which instance ID; if empty, that of the run that ended last
     '' AS chosen_workflow, -- Parameter workflow (String): of which workflow, if several have that ID
     '' AS chosen_account, -- Parameter account (String): of which account, if there are several
     (
        SELECT argMax((account_id, workflow, instance_id), ifNull(ended_at, now64(3)))
        FROM instances
        WHERE ((chosen_instance = '' AND ended_at >= now() - INTERVAL 1 DAY AND step_count > 0)
               OR (chosen_instance != '' AND instance_id = chosen_instance))
          AND (chosen_workflow = '' OR workflow = chosen_workflow)
          AND (chosen_account = '' OR account_id = chosen_account)
    ) AS this_instance,
     min(started_at) OVER (PARTITION BY run) AS run_began,
     ifNull(ended_at, if(outcome = 'unfinished', now64(3, 'UTC'), started_at)) AS over_at,
     max(over_at) OVER (PARTITION BY run) AS run_ended,
     60 / greatest(dateDiff('millisecond', run_began, run_ended), 1) AS chars_per_ms
SELECT run,
       step_index,
       if(step = '', type, step) AS what,
       outcome,
       attempts,
       dateDiff('millisecond', run_began, started_at) AS from_ms,
       wall_ms,
       concat(repeat(' ', toUInt8(round(least(60, greatest(0, from_ms * chars_per_ms))))),
              repeat('█', toUInt8(round(least(60, greatest(1, dateDiff('millisecond', started_at, over_at) * chars_per_ms)))))) AS chart
FROM step_runs
WHERE account_id = this_instance.1 AND workflow = this_instance.2 AND instance_id = this_instance.3
ORDER BY run, step_index;
