package io.flowmeter.streams.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StepSeen;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class RunFormatTest {
  @Property(tries = 2_000, shrinking = ShrinkingMode.OFF)
  void whatWasKeptIsReadAgain(@ForAll Random random, @ForAll boolean full) {
    RunFormat format = new RunFormat(new ListedWords(full ? 3 : 1_000));
    AnyState any = new AnyState(random);
    RunState state = any.run();
    List<List<StepSeen>> steps = any.steps();
    Optional<Contributions> contributed =
        random.nextBoolean() ? Optional.empty() : Optional.of(any.contributions());
    boolean more = random.nextBoolean();

    byte[] bytes = format.first(AnyState.RUN, state, more, steps, contributed);

    RunFormat.First read = format.first(bytes, AnyState.RUN, "account", "workflow");
    assertThat(read)
        .isEqualTo(
            new RunFormat.First(
                state, more, steps.stream().flatMap(List::stream).toList(), contributed));
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void stepsOfOtherPiecesAreReadAgain(@ForAll Random random) {
    RunFormat format = new RunFormat(new ListedWords(1_000));
    List<List<StepSeen>> steps = new AnyState(random).steps();

    assertThat(format.steps(format.steps(AnyState.RUN, steps), AnyState.RUN))
        .isEqualTo(steps.stream().flatMap(List::stream).toList());
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void whenItWasObservedIsReadAlone(@ForAll Random random) {
    RunState state = new AnyState(random).run();
    ByteWriter page = new ByteWriter();
    page.octet(1);
    page.unsigned(1);
    page.raw(
        new RunFormat(new ListedWords(10))
            .first(AnyState.RUN, state, false, List.of(), Optional.empty()));

    Instant read = RunFormat.observedAt(page.toBytes(), AnyState.RUN);

    assertThat(read).isEqualTo(state.getObservedAt());
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void bytesThatEndTooEarlyAreAnErrorThatSaysSo(@ForAll Random random) {
    RunFormat format = new RunFormat(new ListedWords(1_000));
    AnyState any = new AnyState(random);
    byte[] bytes =
        format.first(AnyState.RUN, any.run(), false, any.steps(), Optional.of(any.contributions()));
    byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));

    assertThatThrownBy(() -> format.first(cut, AnyState.RUN, "account", "workflow"))
        .isInstanceOf(UnreadableStateException.class);
  }
}
