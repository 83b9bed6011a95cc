package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.at;
import static io.flowmeter.streams.InstanceHistory.sweepEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.flowmeter.schemas.rollup.StatusCount;
import io.flowmeter.schemas.rollup.StatusCountNow;
import io.flowmeter.streams.InstanceHistory;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusCountsTest {
  private final PipelineDriver pipeline = new PipelineDriver();
  private final InstanceHistory first = InstanceHistory.of("w", "1", 0);
  private final InstanceHistory second = InstanceHistory.of("w", "2", 0);

  @AfterEach
  void close() {
    pipeline.close();
  }

  @Test
  void countsAreHeldAgainstWhatTheApiReports() {
    Map<String, Long> reported = Map.of("running", 3L, "complete", 9L);
    pipeline.observe(
        first.row(1_000, "running"),
        second.row(1_000, "running"),
        sweepEnded("w", 2_000, 1, reported, reported));

    assertThat(pipeline.statusCountsNow())
        .extracting(
            StatusCountNow::getStatus,
            StatusCountNow::getCount,
            StatusCountNow::getReported,
            StatusCountNow::getDrift,
            StatusCountNow::getDriftSweeps,
            StatusCountNow::getAsOf)
        .containsExactly(
            tuple("complete", 0L, 9L, null, 0, at(2_000)),
            tuple("running", 2L, 3L, -1L, 1, at(2_000)));
  }

  @Test
  void driftIsUnknownWhileTheReportedCountsMove() {
    pipeline.observe(
        first.row(1_000, "running"),
        sweepEnded("w", 2_000, 1, Map.of("running", 1L), Map.of("running", 2L)));

    assertThat(pipeline.statusCountsNow().get(0).getDrift()).isNull();
  }

  @Test
  void aRestartedInstanceCountsOnce() {
    InstanceHistory again = InstanceHistory.of("w", "1", 60_000);
    pipeline.observe(
        first.detail(9_000, "errored").started(0).ended(8_000).told(),
        again.detail(61_000, "running").started(60_000).told(),
        sweepEnded("w", 62_000, 1, Map.of("running", 1L), Map.of("running", 1L)));

    assertThat(pipeline.statusCountsNow())
        .extracting(StatusCountNow::getStatus, StatusCountNow::getCount, StatusCountNow::getDrift)
        .containsExactly(tuple("running", 1L, 0L));
  }

  @Test
  void aVanishedInstanceLeavesNoGhost() {
    pipeline.observe(
        first.row(1_000, "running"),
        sweepEnded("w", 2_000, 1, Map.of("running", 1L), Map.of("running", 1L)),
        first.vanished(60_000, 70_000),
        sweepEnded("w", 71_000, 2, Map.of("running", 0L), Map.of("running", 0L)));

    assertThat(pipeline.statusCountsNow().get(0).getCount()).isZero();
    assertThat(pipeline.statusCountsNow().get(0).getDrift()).isZero();
  }

  @Test
  void minutesAreToldOnlyWhenSomethingChangedAndNowAdvancesWithEverySweep() {
    Map<String, Long> one = Map.of("running", 1L);
    pipeline.observe(
        first.row(1_000, "running"),
        sweepEnded("w", 2_000, 1, one, one),
        sweepEnded("w", 62_000, 2, one, one),
        sweepEnded("w", 122_000, 3, one, one));

    assertThat(pipeline.statusCounts())
        .extracting(StatusCount::getMinute, StatusCount::getCount)
        .containsExactly(tuple(at(0), 1L));
    assertThat(pipeline.statusCountsNow().get(0).getAsOf()).isEqualTo(at(122_000));
  }

  @Test
  void aRepeatedSweepIsToldOnce() {
    Map<String, Long> two = Map.of("running", 2L);
    pipeline.observe(
        first.row(1_000, "running"),
        sweepEnded("w", 2_000, 1, two, two),
        sweepEnded("w", 2_000, 1, two, two));

    assertThat(pipeline.statusCountsNow().get(0).getDriftSweeps()).isEqualTo(1);
  }
}
