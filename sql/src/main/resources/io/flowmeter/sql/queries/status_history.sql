-- How many instances were in each status at each full hour of the last day?
-- status_counts tells all statuses of a workflow in the minutes in which something changed; in between, the last holds.
WITH hours AS (
        SELECT account_id, workflow, toStartOfHour(now('UTC')) - INTERVAL arrayJoin(range(24)) HOUR AS hour
        FROM workflows
    ),
    told AS (
        SELECT account_id, workflow, minute, groupArray((status, count)) AS statuses
        FROM status_counts
        WHERE minute >= now() - INTERVAL 30 DAY
        GROUP BY account_id, workflow, minute
    )
SELECT hour, workflow, s.1 AS status, s.2 AS instances
FROM hours
ASOF JOIN told ON hours.account_id = told.account_id AND hours.workflow = told.workflow AND hours.hour >= told.minute
ARRAY JOIN statuses AS s
WHERE instances > 0
ORDER BY hour, workflow, status;
