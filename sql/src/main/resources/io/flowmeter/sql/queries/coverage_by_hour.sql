-- What share of the runs that ended was fetched in full, hour by hour?
-- All that ended are counted; what is weighted speaks for them all, but rests on the fetched ones.
SELECT toStartOfHour(at) AS hour,
       workflow,
       sum(completed + errored + terminated) AS ended,
       sum(sampled) AS fetched,
       round(fetched / nullIf(ended, 0), 4) AS coverage
FROM runs_between(since = now() - INTERVAL 1 DAY, until = now(), every = 3600)
GROUP BY hour, workflow
HAVING ended > 0
ORDER BY hour, workflow;
