package io.flowmeter.streams.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.state.Replayed;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReplayedDeadLettersTest {

  /** Letters have gaps between them, for transactions' markers take offsets, too. */
  @Property(tries = 200)
  void whatWasReplayedIsRememberedByWhatIsKept(
      @ForAll @Size(max = 60) Set<@IntRange(max = 3_000) Integer> deadLetters,
      @ForAll @Size(max = 60) Set<@IntRange(max = 3_000) Integer> chosen) {
    ReplayedDeadLetters replayed = ReplayedDeadLetters.none(0);
    deadLetters.stream()
        .sorted()
        .forEach(
            offset -> {
              if (chosen.contains(offset)) {
                replayed.add(offset);
              } else {
                replayed.leave(offset);
              }
            });

    Replayed kept = replayed.kept();
    ReplayedDeadLetters remembered = ReplayedDeadLetters.of(kept);

    for (int offset : deadLetters) {
      assertThat(remembered.contains(offset))
          .as("letter %d", offset)
          .isEqualTo(chosen.contains(offset));
    }
    assertThat(remembered.contains(3_001)).isFalse();
    assertThat(remembered.kept()).isEqualTo(kept);
  }

  @Test
  void whatWasLeftOutAndIsReplayedLaterLeavesAnOffsetAlone() {
    ReplayedDeadLetters replayed = ReplayedDeadLetters.none(10);
    replayed.leave(11);
    replayed.add(12);
    ReplayedDeadLetters later = ReplayedDeadLetters.of(replayed.kept());

    later.add(11);

    assertThat(later.kept()).isEqualTo(new Replayed(13L, 13L, ByteBuffer.allocate(0)));
  }

  @Test
  void manyThatFiltersLeaveOutFit() {
    ReplayedDeadLetters replayed = halfOf(1_000_000);

    assertThat(ReplayedDeadLetters.of(replayed.kept()).kept()).isEqualTo(replayed.kept());
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToDo() {
    ReplayedDeadLetters replayed = halfOf(8_000_000);

    assertThatThrownBy(replayed::kept)
        .isInstanceOf(DeadLetterReplayException.class)
        .hasMessageContaining("without filters");
  }

  /** Letters are left out at random. */
  private static ReplayedDeadLetters halfOf(int deadLetters) {
    ReplayedDeadLetters replayed = ReplayedDeadLetters.none(0);
    Random random = new Random(7);
    for (int offset = 0; offset < deadLetters; offset++) {
      if (random.nextBoolean()) {
        replayed.leave(offset);
      } else {
        replayed.add(offset);
      }
    }
    return replayed;
  }

  @Test
  void whatSomethingElseWroteIsRefused() {
    Replayed strange = new Replayed(3L, 7L, ByteBuffer.wrap(new byte[] {1, 2, 3}));

    assertThatThrownBy(() -> ReplayedDeadLetters.of(strange))
        .isInstanceOf(DeadLetterReplayException.class)
        .hasMessageContaining("flowmeter.replays")
        .hasMessageContaining("Delete the topic and run flowmeter migrate");
  }
}
