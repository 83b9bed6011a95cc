-- Which steps used up all their retries, and how often did retrying help?
SELECT workflow,
       step,
       sum(s.exhausted) AS gave_up,
       sum(s.recovered) AS saved_by_retry,
       round(<<saved_share of steps_between s>>, 3) AS saved_share
FROM steps_between(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'), every = 0) AS s
GROUP BY account_id, workflow, step
HAVING gave_up + saved_by_retry > 0
ORDER BY gave_up DESC
LIMIT 20;
