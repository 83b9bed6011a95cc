package io.flowmeter.ingest.observe;

import static io.flowmeter.ingest.observe.Seen.at;
import static io.flowmeter.ingest.observe.Seen.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Observation;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChangeDetectionTest extends SeenInstance {

  @Test
  void newInstancePublishesRowAndDetail() {
    see(
        status("running").rowAt(100),
        status("running").queuedAt(20).step("a", 30, 40).step("b", 50).detailAt(120));
    assertThat(publishedTexts()).containsExactly("0 row running", "0 live running[0, 1]");
    assertThat(published.get(0).getObservedAt()).isEqualTo(at(110));
    assertThat(published.get(1).getObservedAt()).isEqualTo(at(130));
  }

  @Test
  void rowBeforeDetailOfLaterRunBelongsToFirstRun() {
    see(
        status("complete").endedAt(9_000).startedAt(8_000).rowAt(10_000),
        status("running").queuedAt(20_000).detailAt(30_000));
    assertThat(publishedTexts()).containsExactly("0 row complete", "20000 live running[]");
    assertThat(tracked.instanceRunss().known()).extracting(InstanceRuns.Life::run).hasSize(2);
  }

  @Test
  void rowOfPossiblyEvictedRunIsNotPublished() {
    long later = TrackedInstance.REMEMBERED.toMillis() + 1_000;
    see(
        status("complete").endedAt(9_000).startedAt(8_000).rowAt(later),
        status("running").queuedAt(later + 1_000).detailAt(later + 2_000));
    assertThat(publishedTexts()).containsExactly(later + 1_000 + " live running[]");
  }

  @Test
  void liveRowBetweenTwoEndsIsPublished() {
    see(
        status("complete").rowAt(1_000),
        status("complete").queuedAt(20).endedAt(900).detailAt(1_100));
    see(
        status("running").rowAt(5_000),
        status("complete").queuedAt(20).endedAt(7_000).detailAt(8_000));
    assertThat(publishedTexts()).containsExactly("0 row running", "0 whole complete[]");
    // The row of a lagging list is not published.
    see(
        status("running").rowAt(9_000),
        status("complete").queuedAt(20).endedAt(7_000).detailAt(9_500));
    assertThat(publishedTexts()).isEmpty();
  }

  @Test
  void observedAtIncreasesWhenClocksDisagree() {
    Change live =
        ChangeDetection.detail(
            KEY,
            TrackedInstance.NONE,
            Optional.of(status("running").rowAt(5_000)),
            status("running").queuedAt(20).step("a", 30).detailAt(4_000));
    Change end =
        ChangeDetection.detail(
            KEY,
            live.tracked(),
            Optional.of(status("complete").rowAt(3_000)),
            status("complete").queuedAt(20).endedAt(2_000).step("a", 30, 1_990).detailAt(3_500));
    assertThat(live.observations())
        .extracting(Observation::getObservedAt)
        .containsExactly(at(5_010), at(5_011));
    assertThat(end.observations())
        .extracting(Observation::getObservedAt)
        .containsExactly(at(5_012), at(5_013));
  }

  @Test
  void observedAtIncreasesAcrossPollerRestart() {
    see(
        status("running").rowAt(5_000),
        status("running").queuedAt(20).step("a", 30).detailAt(5_100));
    tracked = TrackedInstance.of(tracked.toCheckpoint(KEY));
    see(
        status("complete").rowAt(2_000),
        status("complete").queuedAt(20).endedAt(1_900).step("a", 30, 1_890).detailAt(2_100));
    assertThat(published.get(0).getObservedAt()).isAfter(at(5_100));
    assertThat(published.get(1).getObservedAt()).isAfter(published.get(0).getObservedAt());
  }

  @Test
  void unchangedInstanceIsNotRepublished() {
    newInstancePublishesRowAndDetail();
    assertThat(ChangeDetection.wantsDetail(tracked, status("running").rowAt(2_100))).isFalse();
    see(
        status("running").rowAt(2_100),
        status("running").queuedAt(20).step("a", 30, 40).step("b", 50).detailAt(2_120));
    assertThat(published).isEmpty();
  }

  @Test
  void liveDetailPublishesChangedStepsAndCurrentStep() {
    newInstancePublishesRowAndDetail();
    see(
        status("running").rowAt(2_100),
        status("running")
            .queuedAt(20)
            .step("a", 30, 40)
            .step("b", 50, 900)
            .step("c", 910)
            .detailAt(2_120));
    assertThat(publishedTexts()).containsExactly("0 live running[1, 2]");
    DetailPart detail = published.get(0).getDetail();
    assertThat(detail.getStepCount()).isEqualTo(3);
    assertThat(detail.getCurrent().getName()).isEqualTo("c");
    assertThat(detail.getCurrent().getStart()).isEqualTo(at(910));
    assertThat(detail.getCurrent().getAttempt()).isEqualTo(1);
  }

  @Test
  void endIsPublishedInFullOnce() {
    newInstancePublishesRowAndDetail();
    ApiResponse<ListedInstance> row = status("complete").rowAt(4_100);
    assertThat(ChangeDetection.wantsDetail(tracked, row)).isTrue();
    ApiResponse<InstanceDetail> detail =
        status("complete")
            .queuedAt(20)
            .endedAt(3_000)
            .step("a", 30, 40)
            .step("b", 50, 2_990)
            .detailAt(4_120);
    see(row, detail);
    assertThat(publishedTexts()).containsExactly("0 row complete", "0 whole complete[0, 1]");
    assertThat(published.get(1).getDetail().getCurrent()).isNull();
    assertThat(tracked.endPublished()).isTrue();
    assertThat(tracked.endSeenAt()).contains(at(4_110));
    see(row, detail);
    assertThat(published).isEmpty();
  }

  @Test
  void statusChangeIsNotBeforePreviousPoll() {
    see(status("running").rowAt(100), status("running").detailAt(120));
    assertThat(published.get(0).getRow().getNotBefore()).isNull();
    see(status("running").rowAt(2_100), status("running").detailAt(2_120));
    see(status("paused").rowAt(4_100), status("paused").detailAt(4_120));
    assertThat(published.get(0).getRow().getNotBefore()).isEqualTo(at(2_120));
    assertThat(published.get(1).getDetail().getNotBefore()).isEqualTo(at(2_120));
  }

  @Test
  void rowCatchingUpWithPublishedEndNeedsNoDetail() {
    see(
        status("running").rowAt(100),
        status("complete").endedAt(115).step("a", 30, 110).detailAt(120));
    assertThat(publishedTexts()).containsExactly("0 row running", "0 whole complete[0]");
    ApiResponse<ListedInstance> row = status("complete").rowAt(2_100);
    assertThat(ChangeDetection.wantsDetail(tracked, row)).isFalse();
    see(row);
    assertThat(publishedTexts()).containsExactly("0 row complete");
  }

  @Test
  void rowOfEndPublishedRightAfterItNeedsNoDetail() {
    Seen ended = status("complete").endedAt(115).modifiedAt(115);
    Optional<ApiResponse<ListedInstance>> live = Optional.of(status("running").rowAt(100));
    TrackedInstance afterEnd =
        ChangeDetection.detail(KEY, tracked, live, ended.detailAt(120)).tracked();
    assertThat(ChangeDetection.wantsDetail(afterEnd, ended.rowAt(2_100))).isFalse();
    Seen endedAgain = status("complete").endedAt(1_000).modifiedAt(1_000);
    assertThat(ChangeDetection.wantsDetail(afterEnd, endedAgain.rowAt(2_100))).isTrue();
  }

  @Test
  void rowOfEndInDetailRequestedEarlierNeedsNoDetail() {
    see(
        status("running").startedAt(10).rowAt(100),
        status("complete").queuedAt(20).endedAt(9_000).detailAt(200));
    ApiResponse<ListedInstance> row =
        status("complete").startedAt(10).endedAt(9_000).modifiedAt(9_000).rowAt(20_000);
    assertThat(ChangeDetection.wantsDetail(tracked, row)).isFalse();
    see(row);
    tracked = TrackedInstance.of(tracked.toCheckpoint(KEY));
    ApiResponse<ListedInstance> modifiedLater =
        status("complete").startedAt(10).endedAt(9_000).modifiedAt(30_000).rowAt(40_000);
    assertThat(ChangeDetection.wantsDetail(tracked, modifiedLater)).as("modified since").isTrue();
    assertThat(EndMatcher.reportsAnotherEnd(tracked, modifiedLater.value())).isFalse();
  }

  @Test
  void unchangedDetailOfPublishedEndIsNoLongerPending() {
    Seen ended = status("complete").queuedAt(20).startedAt(20).endedAt(9_000);
    see(status("running").startedAt(20).rowAt(100), ended.detailAt(10_000));
    apply(ChangeDetection.reopened(KEY, tracked, ended.rowAt(12_000)));
    assertThat(tracked.isDetailPending()).isTrue();
    Change again = ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(13_000));
    assertThat(again.observations()).isEmpty();
    assertThat(again.lasting()).as("checkpoint is written").isTrue();
    assertThat(again.tracked().isDetailPending()).isFalse();
  }

  @Test
  void detailBehindItsRowStaysPendingForOneMinute() {
    Seen ended = status("complete").queuedAt(20).startedAt(20).endedAt(9_000);
    see(ended.rowAt(9_500), ended.detailAt(10_000));
    Seen reopened = status("complete").startedAt(20).endedAt(42_000);
    apply(ChangeDetection.reopened(KEY, tracked, reopened.rowAt(43_000)));
    apply(ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(44_000)));
    assertThat(tracked.isDetailPending()).isTrue();
    apply(ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(104_000)));
    assertThat(tracked.isDetailPending()).isFalse();
    assertThat(publishedTexts()).isEmpty();
  }

  @Test
  void rowModifiedAfterPublishedEndNeedsDetail() {
    see(status("errored").modifiedAt(90).rowAt(100), status("errored").endedAt(90).detailAt(120));
    assertThat(
            ChangeDetection.wantsDetail(tracked, status("errored").modifiedAt(9_000).rowAt(12_000)))
        .isTrue();
  }

  @Test
  void restartWithinSecondsWithUnchangedRowIsNewRun() {
    see(status("errored").rowAt(900), status("errored").queuedAt(20).endedAt(800).detailAt(920));
    assertThat(publishedTexts()).containsExactly("0 row errored", "0 whole errored[]");
    see(
        status("errored").rowAt(2_900),
        status("errored").queuedAt(1_500).endedAt(2_200).detailAt(2_920));
    assertThat(publishedTexts()).containsExactly("1500 row errored", "1500 whole errored[]");
    assertThat(published.get(0).getRow().getNotBefore()).isNull();
    assertThat(tracked.instanceRunss().known()).hasSize(2);
  }

  @Test
  void rowUnchangedByRestartIsNotPublishedForNewRun() {
    Seen row = status("complete").startedAt(30).endedAt(800);
    see(row.rowAt(900), status("complete").queuedAt(20).endedAt(800).detailAt(920));
    Seen live = status("running").queuedAt(2_000).step("a", 2_010, 2_020);
    see(row.rowAt(5_000), live.detailAt(5_100));
    assertThat(publishedTexts()).containsExactly("2000 live running[0]");
    see(row.rowAt(9_000), live.step("b", 8_000).detailAt(9_100));
    assertThat(publishedTexts()).containsExactly("2000 live running[1]");
    assertThat(tracked.live()).isTrue();
    Seen ended = status("complete").queuedAt(2_000).endedAt(12_000);
    see(row.rowAt(13_000), ended.detailAt(13_100));
    assertThat(publishedTexts()).containsExactly("2000 whole complete[]");
    assertThat(ChangeDetection.wantsDetail(tracked, row.rowAt(15_000))).isFalse();
    see(row.rowAt(15_000));
    assertThat(publishedTexts()).isEmpty();
  }

  /** A run restarted within seconds of its creation keeps the name of the first run. */
  @Test
  void runReplacingSampledOutRunIsPublishedInFull() {
    tracked = TrackedInstance.NONE.weighed(0);
    see(status("complete").startedAt(20).endedAt(120).rowAt(900));
    assertThat(tracked.sampledOut()).isTrue();
    see(
        status("complete").startedAt(2_140).endedAt(2_700).rowAt(9_000),
        status("complete").queuedAt(2_135).endedAt(2_700).step("a", 2_141, 2_600).detailAt(9_100));
    assertThat(publishedTexts()).containsExactly("0 row complete", "0 whole complete[0]");
    assertThat(published.get(1).getDetail().getWeight()).isEqualTo(1);
    assertThat(tracked.instanceRunss().known()).hasSize(1);
    assertThat(tracked.endPublished()).isTrue();
  }

  @Test
  void rowReadBeforeRestartIsNotPublishedForNewRun() {
    see(status("errored").rowAt(900), status("errored").queuedAt(20).endedAt(800).detailAt(920));
    see(status("errored").rowAt(2_900), status("running").queuedAt(2_910).detailAt(2_920));
    assertThat(publishedTexts()).containsExactly("2910 live running[]");
    ApiResponse<ListedInstance> row = status("running").rowAt(4_900);
    assertThat(ChangeDetection.wantsDetail(tracked, row)).isTrue();
    see(row, status("running").queuedAt(2_910).detailAt(4_920));
    assertThat(publishedTexts()).containsExactly("2910 row running");
  }

  @Test
  void rowOfReopenedThenRestartedRunBelongsToThatRun() {
    see(
        status("complete").startedAt(30).endedAt(800).rowAt(900),
        status("complete").queuedAt(20).startedAt(30).endedAt(800).detailAt(920));
    see(
        status("running").startedAt(30).rowAt(2_900),
        status("running").queuedAt(2_915).startedAt(2_918).detailAt(2_920));
    assertThat(publishedTexts()).containsExactly("0 row running", "2915 live running[]");
    assertThat(tracked.instanceRunss().known()).hasSize(2);
  }

  @Test
  void rowThatLeftTerminalStatusWaitsForDetail() {
    see(status("errored").rowAt(900), status("errored").queuedAt(20).endedAt(800).detailAt(920));
    ApiResponse<ListedInstance> row = status("running").rowAt(2_900);
    assertThat(ChangeDetection.wantsDetail(tracked, row)).isTrue();
    see(row);
    assertThat(published).isEmpty();
    assertThat(ChangeDetection.wantsDetail(tracked, row)).isTrue();
  }

  @Test
  void restartFromStepReopensRun() {
    see(
        status("errored").rowAt(900),
        status("errored")
            .queuedAt(20)
            .endedAt(800)
            .step("a", 30, 40)
            .step("b", 50, 790)
            .detailAt(920));
    see(
        status("running").rowAt(2_900),
        status("running").queuedAt(20).step("a", 30, 40).step("b", 2_800).detailAt(2_920));
    assertThat(publishedTexts()).containsExactly("0 row running", "0 live running[0, 1]");
    assertThat(tracked.endPublished()).isFalse();
    see(
        status("complete").rowAt(4_900),
        status("complete")
            .queuedAt(20)
            .endedAt(4_000)
            .step("a", 30, 40)
            .step("b", 2_800, 3_990)
            .detailAt(4_920));
    assertThat(publishedTexts()).containsExactly("0 row complete", "0 whole complete[0, 1]");
  }

  @Test
  void restartFromStepBetweenPollsIsDetectedByMovedEnd() {
    see(status("errored").rowAt(900), status("errored").queuedAt(20).endedAt(800).detailAt(920));
    see(
        status("errored").rowAt(2_900),
        status("errored").queuedAt(20).endedAt(2_000).detailAt(2_920));
    assertThat(publishedTexts()).containsExactly("0 whole errored[]");
    assertThat(tracked.endSeenAt()).contains(at(2_930));
  }

  @Test
  void rowWithLaterEndThanDetailIsNotBehindDetail() {
    ApiResponse<InstanceDetail> detail =
        status("complete").queuedAt(20).startedAt(30).endedAt(800).detailAt(920);
    TrackedInstance known =
        ChangeDetection.detail(KEY, tracked, Optional.empty(), detail).tracked();

    assertThat(EndMatcher.reportsLaterEnd(known, row("complete", 2_000))).isTrue();
    assertThat(EndMatcher.reportsLaterEnd(known, row("complete", 800))).isFalse();
    assertThat(EndMatcher.reportsLaterEnd(known, row("complete", 850))).isFalse();
    assertThat(EndMatcher.reportsLaterEnd(tracked, row("complete", 2_000))).isFalse();
  }

  private static ListedInstance row(String status, long end) {
    return status(status).startedAt(30).endedAt(end).rowAt(910).value();
  }

  @Test
  void restartedInstanceFirstSeenCreatesNoPhantomRun() {
    see(status("errored").rowAt(95_000), status("running").queuedAt(95_010).detailAt(95_020));
    assertThat(publishedTexts()).containsExactly("95010 live running[]");
    assertThat(tracked.instanceRunss().known()).hasSize(1);
  }

  @Test
  void restartedEndedInstancePublishesRowAndDetail() {
    see(
        status("complete").rowAt(95_000),
        status("complete").queuedAt(60_000).endedAt(61_000).detailAt(95_020));
    assertThat(publishedTexts()).containsExactly("60000 row complete", "60000 whole complete[]");
  }

  @Test
  void rowWithoutDetailBelongsToNewestKnownRun() {
    see(status("running").rowAt(100));
    assertThat(publishedTexts()).containsExactly("0 row running");
    see(status("paused").rowAt(2_100));
    assertThat(publishedTexts()).containsExactly("0 row paused");
    see(status("complete").rowAt(4_100));
    assertThat(publishedTexts()).containsExactly("0 row complete");
    assertThat(ChangeDetection.wantsDetail(tracked, status("complete").rowAt(6_100))).isTrue();
  }

  @Test
  void rowOfRestartWithSameStatusIsNotPublishedForOldRun() {
    see(
        status("complete").startedAt(30).endedAt(900).rowAt(1_000),
        status("complete").queuedAt(20).startedAt(30).endedAt(900).detailAt(1_100));
    see(status("complete").startedAt(400_000).endedAt(401_000).rowAt(500_000));
    assertThat(published).isEmpty();
    // A restart from a step keeps the start time of the run.
    see(status("complete").startedAt(30).endedAt(401_000).rowAt(500_000));
    assertThat(publishedTexts()).containsExactly("0 row complete");
  }

  @Test
  void rowWithoutCreationWaitsForDetailThatNamesRun() {
    see(status("running").withoutCreation().rowAt(100));
    assertThat(published).isEmpty();
    see(
        status("running").withoutCreation().rowAt(2_100),
        status("running").queuedAt(20).detailAt(2_120));
    assertThat(publishedTexts()).containsExactly("20 row running", "20 live running[]");
  }

  @Test
  void rowBehindItsDetailDoesNotReopenRun() {
    see(status("running").rowAt(100), status("complete").endedAt(115).detailAt(120));
    see(status("waiting").rowAt(2_100), status("complete").endedAt(115).detailAt(2_120));
    assertThat(published).isEmpty();
    assertThat(tracked.status()).isEqualTo("complete");
  }

  @Test
  void lateDetailOfOlderRunIsPublishedWithoutOtherChanges() {
    see(status("running").rowAt(100), status("running").queuedAt(20).detailAt(120));
    see(status("running").rowAt(9_100), status("running").queuedAt(8_000).detailAt(9_120));
    TrackedInstance before = tracked;
    see(
        status("running").rowAt(11_100),
        status("errored").queuedAt(20).endedAt(7_000).detailAt(11_120));
    assertThat(publishedTexts()).containsExactly("0 whole errored[]");
    assertThat(tracked.instanceRunss()).isEqualTo(before.instanceRunss());
    assertThat(tracked.status()).isEqualTo("running");
  }

  @Test
  void unknownStatusIsPublishedUnchanged() {
    see(status("rollingBack").rowAt(100), status("rollingBack").detailAt(120));
    assertThat(publishedTexts()).containsExactly("0 row rollingBack", "0 live rollingBack[]");
    assertThat(tracked.live()).isTrue();
  }

  @Test
  void detailWithoutTimesBelongsToNewestRun() {
    see(status("running").rowAt(100), status("running").withoutQueued().detailAt(120));
    assertThat(publishedTexts()).containsExactly("0 row running", "0 live running[]");
  }

  @Test
  void liveRunMissingTwiceVanishedAtFirstMiss() {
    see(status("running").rowAt(100), status("running").detailAt(120));
    apply(ChangeDetection.missing(KEY, tracked, at(2_000)));
    assertThat(published).isEmpty();
    apply(ChangeDetection.missing(KEY, tracked, at(4_000)));
    assertThat(publishedTexts()).containsExactly("0 vanished");
    assertThat(published.get(0).getVanished().getAt()).isEqualTo(at(2_000));
    apply(ChangeDetection.missing(KEY, tracked, at(6_000)));
    assertThat(published).isEmpty();
  }

  @Test
  void vanishedRunThatReappearsUnchangedIsRepublished() {
    Seen waiting = status("waiting").queuedAt(20).step("a", 30, 40);
    see(waiting.rowAt(100), waiting.detailAt(120));
    apply(ChangeDetection.missing(KEY, tracked, at(2_000)));
    apply(ChangeDetection.missing(KEY, tracked, at(4_000)));
    assertThat(publishedTexts()).containsExactly("0 vanished");
    assertThat(ChangeDetection.wantsDetail(tracked, waiting.rowAt(6_000))).isTrue();
    see(waiting.rowAt(6_000), waiting.detailAt(6_020));
    assertThat(publishedTexts()).containsExactly("0 row waiting", "0 live waiting[0]");
    assertThat(tracked.live()).isTrue();
  }

  @Test
  void liveRunSeenAgainIsNotMissing() {
    see(status("running").rowAt(100), status("running").detailAt(120));
    apply(ChangeDetection.missing(KEY, tracked, at(2_000)));
    see(status("running").rowAt(3_000));
    assertThat(tracked.missingSince()).isEmpty();
    apply(ChangeDetection.missing(KEY, tracked, at(4_000)));
    assertThat(published).isEmpty();
  }

  @Test
  void endedRunDoesNotVanish() {
    see(status("complete").rowAt(100), status("complete").endedAt(90).detailAt(120));
    apply(ChangeDetection.missing(KEY, tracked, at(2_000)));
    apply(ChangeDetection.missing(KEY, tracked, at(4_000)));
    assertThat(published).isEmpty();
  }

  @Test
  void rowOfPublishedEndNeedsNoDetailAfterPollerRestart() {
    see(
        status("running").rowAt(100),
        status("complete").endedAt(3_000).step("a", 30, 110).detailAt(8_000));
    tracked = TrackedInstance.of(tracked.toCheckpoint(KEY));
    assertThat(
            ChangeDetection.wantsDetail(
                tracked, status("complete").modifiedAt(3_000).rowAt(12_000)))
        .isFalse();
  }

  @Test
  void runOfDeletedWorkflowVanishesAfterLastPublication() {
    see(status("running").rowAt(5_000), status("running").detailAt(5_100));
    apply(ChangeDetection.vanished(KEY, tracked, at(9_000), at(2_000)));
    assertThat(publishedTexts()).containsExactly("0 vanished");
    assertThat(published.get(0).getVanished().getAt()).isEqualTo(at(5_110));
  }
}
