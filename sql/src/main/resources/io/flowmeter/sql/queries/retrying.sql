-- Which runs are retrying a step now, at which attempt of how many, and since when?
-- Live runs whose current step has more than one attempt, as of their last detail. allowed is what the step's configuration allows,
-- if it ended in the last day.
SELECT workflow, instance_id, status, step, attempt, allowed, since, detail_at AS looked_at
FROM retrying_runs
ORDER BY attempt DESC, since
LIMIT 50;
