-- What share of the ended runs that became known was fetched in full, hour by hour, and why not the rest?
-- Hours are the collector's own. A run may be fetched in a later hour than the one in which it became known: such an hour's
-- coverage is over 1. Vanished runs are known, too: they have ended, nobody knows how.
SELECT account_id,
       toStartOfHour(minute) AS hour,
       sum(c.known) AS known,
       sum(c.fetched) AS fetched,
       round(<<detail_coverage of collector_minutes c>>, 4) AS coverage,
       sum(c.lost_sampled_out) AS not_drawn,
       sum(c.lost_restarted) AS restarted,
       sum(c.lost_vanished) AS vanished
FROM collector_minutes AS c
WHERE minute >= now() - INTERVAL 1 DAY
GROUP BY account_id, hour
HAVING known > 0 OR fetched > 0
ORDER BY account_id, hour;
