-- Where does the time of an average run go: queued, at work, asleep, waiting for events, paused, lost to failed attempts?
-- Of the runs that ended in the last day. Steps can run side by side, so that sleeps and waits may exceed the run's time.
SELECT workflow,
       sum(weight) AS runs,
       round(sum(weight * queue_ms) / sumIf(weight, queue_ms IS NOT NULL) / 1000, 2) AS queue_s,
       round(sum(weight * run_ms) / sumIf(weight, run_ms IS NOT NULL) / 1000, 2) AS run_s,
       round(sum(weight * active_ms) / sumIf(weight, active_ms IS NOT NULL) / 1000, 2) AS active_s,
       round(sum(weight * sleep_ms) / sumIf(weight, sleep_ms IS NOT NULL) / 1000, 2) AS sleep_s,
       round(sum(weight * event_wait_ms) / sumIf(weight, event_wait_ms IS NOT NULL) / 1000, 2) AS event_wait_s,
       round(sum(weight * paused_ms) / sumIf(weight, paused_ms IS NOT NULL) / 1000, 2) AS paused_s,
       round(sum(weight * lost_ms) / sumIf(weight, lost_ms IS NOT NULL) / 1000, 2) AS lost_s
FROM instances
WHERE ended_at >= now() - INTERVAL 1 DAY AND weight > 0
GROUP BY account_id, workflow
ORDER BY workflow;
