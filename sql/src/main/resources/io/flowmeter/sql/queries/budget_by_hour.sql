-- How was the request budget used in each hour, and what did it buy?
-- Hours are the collector's own. least_left is the least that a minute left of its share of the limit.
SELECT account_id,
       toStartOfHour(minute) AS hour,
       sum(requests) AS asked,
       sum(rejected_429) AS rejected,
       sum(failed) AS in_vain,
       min(budget_left) AS least_left,
       sum(known) AS ended_known,
       sum(fetched) AS fetched_in_full,
       round(asked / nullIf(fetched_in_full, 0), 2) AS requests_per_fetched,
       sum(lost_sampled_out) AS not_drawn,
       sum(lost_restarted + lost_vanished) AS gone_before_fetched
FROM collector_minutes
WHERE minute >= now() - INTERVAL 1 DAY
GROUP BY account_id, hour
ORDER BY account_id, hour;
