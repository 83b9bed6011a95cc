package io.flowmeter.e2e.relations;

/** The rollups counted again from the facts, in SQL: whatever they hold, both have to agree. */
public final class Recount {

  private Recount() {}

  /** The columns of {@code step_minutes}, from {@code step_runs}. */
  public static final String STEP_MINUTES =
      """
      SELECT account_id, workflow, version_id, step, type,
             toInt64(toUnixTimestamp(toStartOfMinute(assumeNotNull(s.ended_at)))) * 1000 AS minute_ms,
             sum(s.weight) AS runs,
             sumIf(s.weight, s.outcome = 'succeeded') AS succeeded,
             sumIf(s.weight, s.outcome = 'failed') AS failed,
             sumIf(s.weight, s.outcome = 'timed_out') AS timed_out,
             sumIf(s.weight, s.outcome = 'unfinished') AS unfinished,
             sumIf(s.weight, s.first_attempt_ok) AS first_attempt_ok,
             sumIf(s.weight, s.outcome = 'succeeded' AND s.retries > 0) AS recovered,
             sumIf(s.weight, s.outcome IN ('failed', 'timed_out')
                             AND ifNull(s.attempts = s.retry_limit + 1, false)) AS exhausted,
             sum(s.weight * s.attempts) AS attempts,
             sum(s.weight * s.failed_attempts) AS failed_attempts,
             sum(s.weight * s.retries) AS retries,
             sum(s.weight * s.lost_ms) AS lost_ms,
             sum(s.weight * assumeNotNull(s.wall_ms)) AS wall_ms_sum,
             sum(s.weight * s.attempt_ms) AS attempt_ms_sum,
             sum(s.weight * ifNull(s.backoff_ms, 0)) AS backoff_ms_sum,
             count() AS sampled
      FROM step_runs AS s
      WHERE s.ended_at IS NOT NULL
      GROUP BY account_id, workflow, version_id, step, type, minute_ms
      """;

  /** The columns of {@code workflow_minutes}, from {@code instances}. */
  public static final String WORKFLOW_MINUTES =
      """
      SELECT account_id, workflow, version_id, trigger_source, minute_ms,
             sum(m.queued) AS queued, sum(m.started) AS started, sum(m.completed) AS completed,
             sum(m.errored) AS errored, sum(m.terminated) AS terminated, sum(m.sampled) AS sampled,
             sum(m.attempts) AS attempts, sum(m.retries) AS retries, sum(m.lost_ms) AS lost_ms,
             sum(m.run_ms_sum) AS run_ms_sum
      FROM
      (
          SELECT account_id, workflow, version_id, trigger_source,
                 toInt64(toUnixTimestamp(toStartOfMinute(assumeNotNull(anchor.2)))) * 1000 AS minute_ms,
                 anchor.1 = 'queued' AS queued,
                 anchor.1 = 'started' AS started,
                 anchor.1 = 'ended' AND status = 'complete' AS completed,
                 anchor.1 = 'ended' AND status = 'errored' AS errored,
                 anchor.1 = 'ended' AND status = 'terminated' AS terminated,
                 anchor.1 = 'ended' AND i.weight > 0 AS sampled,
                 if(sampled, i.weight * assumeNotNull(i.attempts), 0) AS attempts,
                 if(sampled, i.weight * assumeNotNull(i.retries), 0) AS retries,
                 if(sampled, i.weight * assumeNotNull(i.lost_ms), 0) AS lost_ms,
                 if(sampled, i.weight * assumeNotNull(i.run_ms), 0) AS run_ms_sum
          FROM instances AS i
          ARRAY JOIN [('queued', queued_at), ('started', started_at),
                      ('ended', if(end_kind = 'api', ended_at, NULL))] AS anchor
          WHERE anchor.2 IS NOT NULL
      ) AS m
      GROUP BY account_id, workflow, version_id, trigger_source, minute_ms
      """;
}
