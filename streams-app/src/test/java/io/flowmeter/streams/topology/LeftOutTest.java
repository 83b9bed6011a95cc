package io.flowmeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.rollup.CollectorMinute;
import io.flowmeter.streams.InstanceHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stream leaves out is counted in the minute of its own clock. */
class LeftOutTest {
  private static final Instant ONE_O_CLOCK = Instant.parse("2026-11-24T13:00:00Z");

  private final PipelineDriver pipeline = new PipelineDriver();
  private final InstanceHistory run = InstanceHistory.of("billing", "i-1", 0);

  @AfterEach
  void close() {
    pipeline.close();
  }

  @Test
  void deadLettersAreCountedByAccountAndMinute() {
    pipeline.observe(unprocessable(1_000), unprocessable(2_000));
    pipeline.passes(Duration.ofSeconds(61)).observe(unprocessable(3_000));

    assertThat(pipeline.collectorMinutes())
        .extracting(
            CollectorMinute::getAccountId,
            CollectorMinute::getMinute,
            CollectorMinute::getDeadLetters,
            CollectorMinute::getLateIgnored,
            CollectorMinute::getBudgetLeft)
        .containsExactly(
            tuple("an account", ONE_O_CLOCK, 2L, 0L, null),
            tuple("an account", ONE_O_CLOCK.plusSeconds(60), 1L, 0L, null));
  }

  @ParameterizedTest
  @CsvSource({
    "an account/billing/i-1, an account",
    "an account~billing~charge/refund, an account",
    "an account/billing/i~1, an account",
    "billing, local",
    "/billing, local",
    ", local"
  })
  void theAccountEndsAtTheFirstSlashOrZeroOfTheKey(String key, String account) {
    pipeline.deadLetter(key == null ? null : key.replace('~', '\0'));

    assertThat(pipeline.collectorMinutes())
        .extracting(CollectorMinute::getAccountId)
        .containsExactly(account);
  }

  @Test
  void lettersOfLongAgoAreCountedAllTheSame() {
    pipeline.deadLetter("a/b/c");
    pipeline.deadLetter("a/b/c", Instant.EPOCH);
    pipeline.deadLetter("a/b/c", Instant.EPOCH);

    assertThat(pipeline.collectorMinutes())
        .extracting(CollectorMinute::getMinute, CollectorMinute::getDeadLetters)
        .containsExactlyInAnyOrder(
            tuple(ONE_O_CLOCK, 1L), tuple(ONE_O_CLOCK.minus(Duration.ofDays(34)), 2L));
  }

  @Test
  void aSightingWithinGraceRenumbersTransitions() {
    pipeline.observe(run.detail(9_000, "complete").started(1_000).ended(8_000).told());
    pipeline.passes(Duration.ofMinutes(30)).observe(run.row(4_000, "waiting"));

    assertThat(statuses()).containsExactly("queued", "running", "waiting", "complete");
    assertThat(pipeline.collectorMinutes()).isEmpty();
  }

  @Test
  void aSightingAfterGraceIsCountedAndNotTold() {
    pipeline.observe(run.detail(9_000, "complete").started(1_000).ended(8_000).told());
    pipeline.passes(Duration.ofMinutes(31)).observe(run.row(4_000, "waiting"));

    assertThat(statuses()).containsExactly("queued", "running", "complete");
    assertThat(pipeline.collectorMinutes())
        .extracting(
            CollectorMinute::getAccountId,
            CollectorMinute::getMinute,
            CollectorMinute::getLateIgnored)
        .containsExactly(tuple("local", ONE_O_CLOCK.plus(Duration.ofMinutes(31)), 1L));
  }

  @Test
  void aRepeatAfterGraceIsNotLateNorIsARestartOrTheDetail() {
    pipeline.observe(run.row(4_000, "waiting"), run.row(8_500, "complete"));
    pipeline
        .passes(Duration.ofHours(2))
        .observe(
            run.row(4_000, "waiting"),
            run.detail(9_000, "complete").started(1_000).ended(8_000).told(),
            run.detail(7_000_000, "running").started(1_000).told());

    assertThat(statuses()).containsExactly("queued", "running", "waiting", "complete", "running");
    assertThat(pipeline.collectorMinutes()).isEmpty();
  }

  private Observation unprocessable(long seenMs) {
    Observation detail = run.detail(seenMs, "running").weight(0).told();
    detail.setAccountId("an account");
    return detail;
  }

  private List<String> statuses() {
    return pipeline.transitions().stream().map(Transition::getToStatus).toList();
  }
}
