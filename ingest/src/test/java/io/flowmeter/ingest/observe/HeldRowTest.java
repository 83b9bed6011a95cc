package io.flowmeter.ingest.observe;

import static io.flowmeter.ingest.observe.Seen.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What of a row is told that waited for a detail, of which life, and what without one. */
class HeldRowTest extends SeenInstance {

  @Test
  void liveRowModifiedAfterEndReportsReopening() {
    Seen ended = status("errored").queuedAt(20).startedAt(30).endedAt(9_000);
    see(ended.rowAt(9_500), ended.detailAt(10_000));
    Seen reopened = status("waiting").startedAt(30).modifiedAt(20_000);
    assertThat(EndMatcher.reportsReopening(tracked, reopened.rowAt(21_000).value())).isTrue();
    Seen behind = status("running").startedAt(30).modifiedAt(8_000);
    assertThat(EndMatcher.reportsReopening(tracked, behind.rowAt(21_000).value())).isFalse();
    Seen restarted = status("running").startedAt(19_000).modifiedAt(19_000);
    assertThat(EndMatcher.reportsReopening(tracked, restarted.rowAt(21_000).value())).isFalse();
    Seen modifiedLater = status("errored").startedAt(30).endedAt(9_000).modifiedAt(20_000);
    assertThat(EndMatcher.reportsReopening(tracked, modifiedLater.rowAt(21_000).value())).isFalse();
  }

  @Test
  void detailBehindReopenedRowDoesNotEndRunAgain() {
    Seen ended = status("errored").queuedAt(20).startedAt(30).endedAt(9_000);
    see(ended.rowAt(9_500), ended.detailAt(10_000));
    Seen reopened = status("waiting").startedAt(30).modifiedAt(20_000);
    apply(ChangeDetection.reopened(KEY, tracked, reopened.rowAt(21_000)));
    assertThat(publishedTexts()).containsExactly("0 row waiting");

    apply(ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(22_000)));
    assertThat(publishedTexts()).isEmpty();
    assertThat(tracked.status()).isEqualTo("waiting");
    apply(ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(90_000)));
    assertThat(publishedTexts()).as("no longer behind").containsExactly("0 whole errored[]");
    assertThat(tracked.ended()).isTrue();
  }

  /** The run resumed its sleep before a list showed that. */
  @Test
  void endOfPauseIsPublishedByUnchangedDetail() {
    Seen asleep = status("waiting").queuedAt(20).startedAt(30).step("nap", 40);
    see(status("waiting").startedAt(30).rowAt(90), asleep.detailAt(100));
    see(status("paused").startedAt(30).rowAt(5_000));
    assertThat(publishedTexts()).containsExactly("0 row paused");

    apply(ChangeDetection.detail(KEY, tracked, Optional.empty(), asleep.detailAt(9_000)));
    assertThat(publishedTexts()).containsExactly("0 live waiting[]");
    assertThat(published.get(0).getDetail().getCurrent()).as("still in the step").isNotNull();
    apply(ChangeDetection.detail(KEY, tracked, Optional.empty(), asleep.detailAt(12_000)));
    assertThat(publishedTexts()).isEmpty();
  }

  @Test
  void rowWithStartOfDetailBelongsToItsRunInAnyStatus() {
    Seen first = status("complete").queuedAt(20).startedAt(30).endedAt(900);
    see(first.rowAt(1_000), first.detailAt(1_100));
    see(
        status("waiting").startedAt(40_000).rowAt(60_000),
        status("complete").queuedAt(40_000).endedAt(61_000).detailAt(70_000));
    assertThat(publishedTexts()).containsExactly("40000 row waiting", "40000 whole complete[]");
  }

  @Test
  void rowOfRestartIsNotPublishedForRunOfLaggingDetail() {
    Seen first = status("complete").queuedAt(20).startedAt(30).endedAt(900);
    see(first.rowAt(1_000), first.detailAt(1_100));
    Seen second = status("complete").startedAt(40_000).endedAt(55_000);
    see(second.rowAt(60_000), first.detailAt(61_000));
    assertThat(publishedTexts()).isEmpty();
    see(second.rowAt(60_000), second.queuedAt(40_000).detailAt(65_000));
    assertThat(publishedTexts()).containsExactly("40000 row complete", "40000 whole complete[]");
  }

  /** The run was known as queued. It then ran to its end and was restarted. */
  @Test
  void firstRowWithStartBelongsToRunBeforeDetailsRun() {
    see(status("queued").rowAt(100));
    see(
        status("complete").startedAt(30_000).endedAt(35_000).rowAt(40_000),
        status("running").queuedAt(41_000).startedAt(42_000).detailAt(43_000));
    assertThat(publishedTexts()).containsExactly("0 row complete", "41000 live running[]");
  }

  @Test
  void rowStartedBeforeNewestRunWasQueuedIsOfEarlierRun() {
    Seen first = status("running").queuedAt(20).startedAt(30);
    see(first.rowAt(1_000), first.detailAt(1_100));
    assertThat(RunMatcher.isOfEarlierRun(tracked, first.rowAt(2_000).value())).isFalse();
    apply(
        ChangeDetection.detail(
            KEY, tracked, Optional.empty(), status("queued").queuedAt(40_000).detailAt(41_000)));
    assertThat(RunMatcher.isOfEarlierRun(tracked, first.rowAt(42_000).value())).isTrue();
    Seen second = status("running").startedAt(45_000);
    assertThat(RunMatcher.isOfEarlierRun(tracked, second.rowAt(46_000).value())).isFalse();
  }
}
