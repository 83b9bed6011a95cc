-- How many instances of each workflow are in which status, and does the API agree?
-- drift is our count minus what the API reports; it is told for live statuses only.
SELECT workflow, status, count, reported, drift, drift_sweeps, as_of
FROM status_counts_now
WHERE count != 0 OR reported != 0
ORDER BY workflow, count DESC;
