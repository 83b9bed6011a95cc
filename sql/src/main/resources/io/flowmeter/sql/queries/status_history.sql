-- How many instances were in each status at each full hour of the last day?
-- status_counts tells all statuses of a workflow in the minutes in which something changed; in between, the last holds, however
-- old it is. So of each hour the last such minute is looked for, and of all time before the day the last one.
WITH toStartOfHour(now('UTC')) - INTERVAL 23 HOUR AS first_hour,
    hours AS (
        SELECT account_id, workflow, first_hour + INTERVAL arrayJoin(range(24)) HOUR AS hour
        FROM workflows
    ),
    silent AS (
        SELECT DISTINCT account_id, workflow
        FROM status_counts_now
        WHERE (account_id, workflow) NOT IN (
            SELECT account_id, workflow FROM status_counts
            WHERE minute BETWEEN first_hour - INTERVAL 7 DAY AND first_hour)
    ),
    told AS (
        SELECT account_id, workflow, until_hour, groupArray((status, count)) AS statuses
        FROM (
            SELECT account_id, workflow, status,
                   greatest(toStartOfHour(minute + INTERVAL 3599 SECOND), first_hour) AS until_hour,
                   max(minute) AS last,
                   argMax(s.count, minute) AS count,
                   max(last) OVER (PARTITION BY account_id, workflow, until_hour) AS last_of_all
            FROM (
                SELECT account_id, workflow, status, minute, count
                FROM status_counts
                WHERE minute >= first_hour - INTERVAL 7 DAY
                UNION ALL
                SELECT account_id, workflow, status, minute, count
                FROM status_counts
                WHERE minute < first_hour - INTERVAL 7 DAY
                  AND (account_id, workflow) IN (SELECT account_id, workflow FROM silent)
            ) AS s
            GROUP BY account_id, workflow, status, until_hour
        )
        WHERE last = last_of_all
        GROUP BY account_id, workflow, until_hour
    )
SELECT hour, workflow, s.1 AS status, s.2 AS instances
FROM hours
ASOF JOIN told ON hours.account_id = told.account_id AND hours.workflow = told.workflow AND hours.hour >= told.until_hour
ARRAY JOIN statuses AS s
WHERE instances > 0
ORDER BY hour, workflow, status;
