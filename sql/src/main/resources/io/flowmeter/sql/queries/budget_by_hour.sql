-- How was the request budget used in each hour, and what did it buy?
-- Hours are the collector's own. least_left is the least that a minute left of its share of the limit.
SELECT account_id,
       toStartOfHour(minute) AS hour,
       sum(c.requests) AS asked,
       sum(rejected_429) AS rejected,
       sum(failed) AS in_vain,
       min(budget_left) AS least_left,
       sum(known) AS ended_known,
       sum(c.fetched) AS fetched_in_full,
       round(<<requests_per_run of collector_minutes c>>, 2) AS requests_per_fetched,
       sum(lost_sampled_out) AS not_drawn,
       sum(lost_restarted + lost_vanished) AS gone_before_fetched
FROM collector_minutes AS c
WHERE minute >= now() - INTERVAL 1 DAY
GROUP BY account_id, hour
ORDER BY account_id, hour;
