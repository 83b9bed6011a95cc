package io.flowmeter.ingest.observe;

import static io.flowmeter.ingest.observe.Seen.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What of a row is told that waited for a detail, of which life, and what without one. */
class HeldRowTest extends SeenInstance {

  @Test
  void aRowThatLeftItsEndAndWasModifiedSinceTellsThatItWasOpenedAgain() {
    Seen ended = status("errored").queuedAt(20).startedAt(30).endedAt(9_000);
    see(ended.rowAt(9_500), ended.detailAt(10_000));
    Seen again = status("waiting").startedAt(30).modifiedAt(20_000);
    assertThat(EndMatcher.reportsReopening(tracked, again.rowAt(21_000).value())).isTrue();
    Seen behind = status("running").startedAt(30).modifiedAt(8_000);
    assertThat(EndMatcher.reportsReopening(tracked, behind.rowAt(21_000).value())).isFalse();
    Seen anew = status("running").startedAt(19_000).modifiedAt(19_000);
    assertThat(EndMatcher.reportsReopening(tracked, anew.rowAt(21_000).value())).isFalse();
    Seen touched = status("errored").startedAt(30).endedAt(9_000).modifiedAt(20_000);
    assertThat(EndMatcher.reportsReopening(tracked, touched.rowAt(21_000).value())).isFalse();
  }

  @Test
  void aDetailThatIsBehindARowOfAReopenedRunDoesNotEndItAgain() {
    Seen ended = status("errored").queuedAt(20).startedAt(30).endedAt(9_000);
    see(ended.rowAt(9_500), ended.detailAt(10_000));
    Seen again = status("waiting").startedAt(30).modifiedAt(20_000);
    take(ChangeDetection.reopened(KEY, tracked, again.rowAt(21_000)));
    assertThat(toldWords()).containsExactly("0 row waiting");

    take(ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(22_000)));
    assertThat(toldWords()).isEmpty();
    assertThat(tracked.status()).isEqualTo("waiting");
    take(ChangeDetection.detail(KEY, tracked, Optional.empty(), ended.detailAt(90_000)));
    assertThat(toldWords()).as("not behind any more").containsExactly("0 whole errored[]");
    assertThat(tracked.ended()).isTrue();
  }

  /** It went on with the sleep that it was in, before a list showed it. */
  @Test
  void theEndOfAPauseIsToldByADetailThatShowsWhatWasToldBeforeIt() {
    Seen asleep = status("waiting").queuedAt(20).startedAt(30).step("nap", 40);
    see(status("waiting").startedAt(30).rowAt(90), asleep.detailAt(100));
    see(status("paused").startedAt(30).rowAt(5_000));
    assertThat(toldWords()).containsExactly("0 row paused");

    take(ChangeDetection.detail(KEY, tracked, Optional.empty(), asleep.detailAt(9_000)));
    assertThat(toldWords()).containsExactly("0 live waiting[]");
    assertThat(published.get(0).getDetail().getCurrent()).as("as before").isNotNull();
    take(ChangeDetection.detail(KEY, tracked, Optional.empty(), asleep.detailAt(12_000)));
    assertThat(toldWords()).isEmpty();
  }

  @Test
  void aRowThatBeganWithTheDetailIsOfItsLifeInWhateverStatus() {
    Seen first = status("complete").queuedAt(20).startedAt(30).endedAt(900);
    see(first.rowAt(1_000), first.detailAt(1_100));
    see(
        status("waiting").startedAt(40_000).rowAt(60_000),
        status("complete").queuedAt(40_000).endedAt(61_000).detailAt(70_000));
    assertThat(toldWords()).containsExactly("40000 row waiting", "40000 whole complete[]");
  }

  @Test
  void aRowOfARestartIsNotToldOfTheRunThatADetailBehindItShows() {
    Seen first = status("complete").queuedAt(20).startedAt(30).endedAt(900);
    see(first.rowAt(1_000), first.detailAt(1_100));
    Seen second = status("complete").startedAt(40_000).endedAt(55_000);
    see(second.rowAt(60_000), first.detailAt(61_000));
    assertThat(toldWords()).isEmpty();
    see(second.rowAt(60_000), second.queuedAt(40_000).detailAt(65_000));
    assertThat(toldWords()).containsExactly("40000 row complete", "40000 whole complete[]");
  }

  /** It was known to be queued; then it ran to its end, and was restarted. */
  @Test
  void aRowThatIsTheFirstToTellWhenARunBeganIsOfTheRunBeforeTheDetails() {
    see(status("queued").rowAt(100));
    see(
        status("complete").startedAt(30_000).endedAt(35_000).rowAt(40_000),
        status("running").queuedAt(41_000).startedAt(42_000).detailAt(43_000));
    assertThat(toldWords()).containsExactly("0 row complete", "41000 live running[]");
  }

  @Test
  void whatBeganBeforeTheNewestLifeWasQueuedIsOfAnother() {
    Seen first = status("running").queuedAt(20).startedAt(30);
    see(first.rowAt(1_000), first.detailAt(1_100));
    assertThat(RunMatcher.isOfEarlierRun(tracked, first.rowAt(2_000).value())).isFalse();
    take(
        ChangeDetection.detail(
            KEY, tracked, Optional.empty(), status("queued").queuedAt(40_000).detailAt(41_000)));
    assertThat(RunMatcher.isOfEarlierRun(tracked, first.rowAt(42_000).value())).isTrue();
    Seen second = status("running").startedAt(45_000);
    assertThat(RunMatcher.isOfEarlierRun(tracked, second.rowAt(46_000).value())).isFalse();
  }
}
