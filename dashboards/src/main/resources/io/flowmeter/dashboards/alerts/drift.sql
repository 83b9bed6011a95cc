-- Where do we count other than the API? The value: in how many sweeps running. What was not swept for an hour is left out.
SELECT account_id,
       workflow,
       status,
       toFloat64(drift_sweeps) AS value
FROM status_counts_now
WHERE drift IS NOT NULL AND as_of >= now() - INTERVAL 1 HOUR;
