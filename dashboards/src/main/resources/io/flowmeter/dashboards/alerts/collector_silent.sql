-- Does the collector still tell what it does? The value: minutes since the last minute in which it asked the API something.
SELECT account_id,
       dateDiff('second', max(minute), now()) / 60 AS value
FROM collector_minutes
WHERE minute >= now() - INTERVAL 7 DAY AND requests > 0
GROUP BY account_id;
