-- Where does the time of an average run go: queued, at work, asleep, waiting for events, paused, lost to failed attempts?
-- Of the runs that ended in the last day. Steps can run side by side, so that sleeps and waits may exceed the run's time.
SELECT workflow,
       sum(weight) AS runs,
       round(avgWeighted(queue_ms, weight) / 1000, 2) AS queue_s,
       round(avgWeighted(run_ms, weight) / 1000, 2) AS run_s,
       round(avgWeighted(active_ms, weight) / 1000, 2) AS active_s,
       round(avgWeighted(sleep_ms, weight) / 1000, 2) AS sleep_s,
       round(avgWeighted(event_wait_ms, weight) / 1000, 2) AS event_wait_s,
       round(avgWeighted(paused_ms, weight) / 1000, 2) AS paused_s,
       round(avgWeighted(lost_ms, weight) / 1000, 2) AS lost_s
FROM instances
WHERE ended_at >= now() - INTERVAL 1 DAY AND weight > 0
GROUP BY account_id, workflow
ORDER BY workflow;
