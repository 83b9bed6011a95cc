-- Which runs are stuck: for more than 3 times as long in a step as 99 % of its runs in the last week, and for more than 5 s?
-- How long a run was in its step is as of its last detail. A step needs 50 known runs within a week to be judged. A sleep is
-- not judged: it ends by itself.
SELECT workflow,
       instance_id,
       status,
       step AS current_step,
       type AS current_type,
       attempt AS current_attempt,
       round(in_step_ms / 1000, 1) AS in_it_s,
       round(p99_ms / 1000, 1) AS p99_s,
       round(in_step_ms / nullIf(p99_ms, 0), 1) AS times_p99,
       detail_at AS looked_at
FROM stuck_runs
ORDER BY times_p99 DESC
LIMIT 50;
