-- Does the collector still see anything? The value: minutes since the last minute in which it asked the API something; 10 at least
-- where of all that it asked in the last 10 minutes nothing was answered: with a token that ended it asks on, in vain. What it
-- asked last may be answered yet, and does not count as answered.
WITH sumIf(requests, is_recent) - argMaxIf(requests, minute, requests > 0) AS asked,
    sumIf(failures, is_recent) AS in_vain
SELECT account_id,
       greatest(dateDiff('second', maxIf(minute, requests > 0), now()) / 60, if(in_vain > 0 AND asked <= in_vain, 10, 0)) AS value
FROM (
    SELECT account_id, minute, requests, rejected_429 + failed AS failures, minute >= now() - INTERVAL 10 MINUTE AS is_recent
    FROM collector_minutes
    WHERE minute >= now() - INTERVAL 7 DAY
)
GROUP BY account_id
HAVING countIf(requests > 0) > 0;
