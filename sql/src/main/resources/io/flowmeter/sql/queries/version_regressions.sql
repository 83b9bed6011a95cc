-- Is the newest version of a workflow worse than the one before, beyond chance: does it fail more, is a step slower?
-- p_fails and p_slower tell how likely mere chance makes such a difference (Fisher's exact test), times the number of
-- tests of the workflow, so that many steps make no false alarm. Slower: more durations above the old p95, and a p95 at
-- least a tenth higher. Where runs are sampled, the tests count what was looked at. Of the last 7 days.
SELECT workflow,
       step,
       type,
       old_version,
       new_version,
       old_times,
       new_times,
       old_failed_pct,
       new_failed_pct,
       p_fails,
       old_p95_ms,
       new_p95_ms,
       p_slower,
       verdict
FROM version_regressions(since = now('UTC') - INTERVAL 7 DAY, until = now('UTC'))
ORDER BY workflow, least(p_fails, p_slower), step;
