package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.observe.Lives.Assigned;
import io.flowmeter.ingest.observe.Lives.Life;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LivesTest {
  private static final Instant CREATED = Instant.ofEpochMilli(1_000_000);

  private static Optional<Instant> at(long millisAfterCreation) {
    return Optional.of(CREATED.plusMillis(millisAfterCreation));
  }

  private static long run(long millisAfterCreation) {
    return 1_000_000 + millisAfterCreation;
  }

  private static Assigned assign(Lives lives, long queued) {
    return lives.assign(Optional.of(CREATED), at(queued)).orElseThrow();
  }

  @Test
  void theFirstLifeIsNamedByTheRowsCreation() {
    Assigned first = assign(Lives.NONE, 71);
    assertThat(first.run()).isEqualTo(run(0));
    assertThat(first.lives().known()).containsExactly(new Life(run(0), at(71)));
  }

  @Test
  void aRowAloneBeginsTheFirstLifeAndALaterDetailTellsItsQueued() {
    Lives byRow = Lives.NONE.begun(CREATED);
    assertThat(byRow.newest()).hasValue(run(0));
    assertThat(assign(byRow, 5_000).run()).isEqualTo(run(0));
  }

  @Test
  void theToleranceIsFiveSecondsAndNotMore() {
    assertThat(assign(Lives.NONE, 5_000).run()).isEqualTo(run(0));
    assertThat(assign(Lives.NONE, 5_001).run()).isEqualTo(run(5_001));
  }

  @Test
  void aRestartWithinSecondsIsANewLifeOnceTheFirstToldItsQueued() {
    Lives first = assign(Lives.NONE, 20).lives();
    Assigned second = assign(first, 1_500);
    assertThat(second.run()).isEqualTo(run(1_500));
    assertThat(second.lives().known())
        .containsExactly(new Life(run(0), at(20)), new Life(run(1_500), at(1_500)));
  }

  @Test
  void aRestartFromAStepKeepsItsLife() {
    Lives first = assign(Lives.NONE, 20).lives();
    assertThat(assign(first, 20)).isEqualTo(new Assigned(first, run(0)));
  }

  @Test
  void aRestartedInstanceSeenForTheFirstTimeHasOnlyTheLifeThatWasSeen() {
    Assigned seen = assign(Lives.NONE, 90_000);
    assertThat(seen.run()).isEqualTo(run(90_000));
    assertThat(seen.lives().known()).containsExactly(new Life(run(90_000), at(90_000)));
  }

  @Test
  void aDetailFarFromARowThatWasTakenAloneBeginsAnotherLife() {
    Assigned seen = assign(Lives.NONE.begun(CREATED), 90_000);
    assertThat(seen.run()).isEqualTo(run(90_000));
    assertThat(seen.lives().known())
        .containsExactly(new Life(run(0), Optional.empty()), new Life(run(90_000), at(90_000)));
  }

  @Test
  void anOldAnswerSpeaksOfTheLifeItKnows() {
    Lives two = assign(assign(Lives.NONE, 20).lives(), 1_500).lives();
    assertThat(assign(two, 20).run()).isEqualTo(run(0));
    assertThat(two.newest()).hasValue(run(1_500));
  }

  @Test
  void aDetailWithoutQueuedSpeaksOfTheNewestLife() {
    Lives two = assign(assign(Lives.NONE, 20).lives(), 1_500).lives();
    assertThat(two.assign(Optional.of(CREATED), Optional.empty()).orElseThrow().run())
        .isEqualTo(run(1_500));
  }

  private static Lives mostLives() {
    List<Life> lives = new ArrayList<>(List.of(new Life(run(0), at(20))));
    for (long i = 1; i < Lives.MOST; i++) {
      lives.add(new Life(run(i * 10_000), at(i * 10_000)));
    }
    return new Lives(lives);
  }

  @Test
  void whoIsRestartedAgainAndAgainIsKnownByTheFirstLifeAndTheLatest() {
    long latest = Lives.MOST * 10_000L;
    Lives lives = assign(mostLives(), latest).lives();
    assertThat(lives.known()).hasSize(Lives.MOST).startsWith(new Life(run(0), at(20)));
    assertThat(lives.newest()).hasValue(run(latest));
    assertThat(assign(lives, 20).run()).isEqualTo(run(0));
    Assigned forgotten = assign(lives, 10_000);
    assertThat(forgotten.run()).as("named as before").isEqualTo(run(10_000));
    assertThat(forgotten.lives().newest()).hasValue(run(latest));
    assertThat(forgotten.lives().known()).hasSize(Lives.MOST);
  }

  @Test
  void aRecordOfTheMostLivesIsFarFromWhatKafkaTakes() {
    Memory memory = Memory.NONE.named(mostLives());
    InstanceKey key = new InstanceKey("account", "orders", "order-1");
    assertThat(Encoded.of(memory.toCheckpoint(key)).size()).isLessThan(1 << 18);
  }

  @Test
  void withoutAnyTimeNoLifeCanBeNamed() {
    assertThat(Lives.NONE.assign(Optional.empty(), Optional.empty())).isEmpty();
  }

  @Test
  void withoutCreationTheDetailNamesTheLife() {
    Assigned seen = Lives.NONE.assign(Optional.empty(), at(20)).orElseThrow();
    assertThat(seen)
        .isEqualTo(new Assigned(new Lives(List.of(new Life(run(20), at(20)))), run(20)));
  }
}
