package io.flowmeter.streams.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class ReplayedLettersTest {

  /** Letters have gaps between them, for transactions' markers take offsets, too. */
  @Property(tries = 200)
  void whatWasReplayedIsRememberedByWhatIsCommitted(
      @ForAll @Size(max = 60) Set<@IntRange(max = 3_000) Integer> letters,
      @ForAll @Size(max = 60) Set<@IntRange(max = 3_000) Integer> chosen) {
    ReplayedLetters replayed = ReplayedLetters.none(0);
    letters.stream()
        .sorted()
        .forEach(
            offset -> {
              if (chosen.contains(offset)) {
                replayed.add(offset);
              } else {
                replayed.leave(offset);
              }
            });

    OffsetAndMetadata committed = replayed.committed();
    ReplayedLetters remembered = ReplayedLetters.of(committed);

    for (int offset : letters) {
      assertThat(remembered.contains(offset))
          .as("letter %d", offset)
          .isEqualTo(chosen.contains(offset));
    }
    assertThat(remembered.contains(3_001)).isFalse();
    assertThat(remembered.committed()).isEqualTo(committed);
  }

  @Test
  void whatWasLeftOutAndIsReplayedLaterLeavesAPlainOffset() {
    ReplayedLetters replayed = ReplayedLetters.none(10);
    replayed.leave(11);
    replayed.add(12);
    ReplayedLetters later = ReplayedLetters.of(replayed.committed());

    later.add(11);

    assertThat(later.committed()).isEqualTo(new OffsetAndMetadata(13));
  }

  @Test
  void hundredsThatFiltersLeaveOutOfManyFit() {
    ReplayedLetters replayed = ReplayedLetters.none(0);
    Random random = new Random(7);
    for (int offset = 0; offset < 200_000; offset++) {
      if (random.nextInt(500) == 0) {
        replayed.leave(offset);
      } else {
        replayed.add(offset);
      }
    }

    assertThat(ReplayedLetters.of(replayed.committed()).committed())
        .isEqualTo(replayed.committed());
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToDo() {
    ReplayedLetters replayed = ReplayedLetters.none(0);
    Random random = new Random(7);
    for (int offset = 0; offset < 100_000; offset++) {
      if (random.nextBoolean()) {
        replayed.leave(offset);
      } else {
        replayed.add(offset);
      }
    }

    assertThatThrownBy(replayed::committed)
        .isInstanceOf(LetterReplayException.class)
        .hasMessageContaining("without filters");
  }

  @Test
  void whatSomethingElseCommittedIsRefused() {
    assertThatThrownBy(() -> ReplayedLetters.of(new OffsetAndMetadata(3, "7:AAAA")))
        .isInstanceOf(LetterReplayException.class)
        .hasMessageContaining("flowmeter-replay");
    assertThatThrownBy(() -> ReplayedLetters.of(new OffsetAndMetadata(3, "by hand")))
        .isInstanceOf(LetterReplayException.class);
  }
}
