package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.at;
import static io.flowmeter.streams.InstanceHistory.sweepEnded;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.streams.InstanceHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From rows of a list to a spike, through the whole topology. */
class SpikesTest {
  private static final long MINUTE = 60_000;

  /** Minutes from the first run on: two calm hours, ten minutes in which all err, an hour. */
  private static final int STORM = 120;

  private static final int OVER = 130;
  private static final int END = 190;

  private final PipelineDriver pipeline = new PipelineDriver();

  @AfterEach
  void close() {
    pipeline.close();
  }

  @Test
  void aStormOpensASpikeThatIsUpdatedAndClosesOnce() {
    pipeline.observe(day(0, STORM + 2));
    assertThat(pipeline.errorSpikes())
        .singleElement()
        .satisfies(
            spike -> {
              assertThat(spike.getOpenedAt()).isEqualTo(at(STORM * MINUTE));
              assertThat(spike.getClosedAt()).isNull();
              assertThat(spike.getErrored()).isEqualTo(8);
              assertThat(spike.getObservedShare()).isEqualTo(1);
              // None of 424 runs learnt by then erred, and 1 of 20 of the prior.
              assertThat(spike.getBaselineShare()).isBetween(0.001, 0.004);
              assertThat(spike.getScore()).isGreaterThan(SPIKE);
            });

    pipeline.observe(day(STORM + 2, OVER));
    assertThat(pipeline.errorSpikes())
        .singleElement()
        .extracting(ErrorSpike::getErrored, ErrorSpike::getClosedAt)
        .containsExactly(4L * (OVER - STORM), null);

    pipeline.observe(day(OVER, END));
    assertThat(pipeline.errorSpikes())
        .singleElement()
        .satisfies(
            spike -> {
              assertThat(spike.getClosedAt()).isBetween(at(OVER * MINUTE), at((OVER + 3) * MINUTE));
              assertThat(spike.getErrored()).isEqualTo(4L * (OVER - STORM));
            });
  }

  @Test
  void whatIsReadAgainIsNotCountedAgain() {
    pipeline.observe(day(0, END));
    List<ErrorSpike> once = pipeline.errorSpikes();
    int published = pipeline.told(Topics.ERROR_SPIKES);

    pipeline.observe(day(0, END));

    assertThat(published).isZero();
    assertThat(pipeline.told(Topics.ERROR_SPIKES)).isZero();
    assertThat(pipeline.errorSpikes()).isEqualTo(once).hasSize(1);
  }

  @Test
  void aSpikeOfLongAgoHasADayToBeWritten() {
    pipeline.observeAt(pipeline.now().minus(Duration.ofDays(40)), day(0, END));

    assertThat(pipeline.timestamps(Topics.ERROR_SPIKES))
        .isNotEmpty()
        .containsOnly(pipeline.now().minus(Duration.ofDays(34)));
  }

  @Test
  void workflowsHaveTheirOwnPast() {
    List<Observation> both = new ArrayList<>();
    for (int minute = 0; minute < END; minute++) {
      both.addAll(minute("calm", minute, false));
      both.addAll(minute("w", minute, isStormy(minute)));
    }
    pipeline.observe(both);

    assertThat(pipeline.errorSpikes()).extracting(ErrorSpike::getWorkflow).containsExactly("w");
  }

  private static final double SPIKE = io.flowmeter.streams.spike.SpikeRules.DEFAULTS.openingScore();

  private static List<Observation> day(int from, int to) {
    List<Observation> day = new ArrayList<>();
    for (int minute = from; minute < to; minute++) {
      day.addAll(minute("w", minute, isStormy(minute)));
    }
    return day;
  }

  private static boolean isStormy(int minute) {
    return minute >= STORM && minute < OVER;
  }

  /** Four runs end, then the sweep does. */
  private static List<Observation> minute(String workflow, int minute, boolean errs) {
    List<Observation> seen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long queued = minute * MINUTE + 10_000 * i;
      Instant end = at(queued + 5_000);
      seen.add(
          InstanceHistory.of(workflow, minute + "-" + i, queued)
              .row(
                  minute * MINUTE + 50_000,
                  InstanceRow.newBuilder()
                      .setStatus(errs ? "errored" : "complete")
                      .setCreatedOn(at(queued))
                      .setStartedOn(at(queued))
                      .setEndedOn(end)
                      .setVersionId("v1")));
    }
    seen.add(sweepEnded(workflow, minute * MINUTE + 59_000, minute + 1, Map.of(), Map.of()));
    return seen;
  }
}
