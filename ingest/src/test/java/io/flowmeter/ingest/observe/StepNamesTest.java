package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepNamesTest {
  private static final InstanceKey KEY = InstanceKey.ofWorkflow("account", "orders").ofSteps();

  private final StepNames names = new StepNames();

  @ParameterizedTest
  @CsvSource({
    "charge the card, charge the card",
    "order 17, order {}",
    "order-0017_b, order-{}_b",
    "fetch 123e4567-e89b-12d3-a456-426614174000, fetch {}",
    "fetch 123E4567-E89B-12D3-A456-426614174000 of 3, fetch {} of {}",
    "commit 3fa9c1d, commit {}",
    "block 0xFF, block {}",
    "step2of3, step{}of{}",
    "deface the facade, deface the facade",
    "2026-11-24 10:15, {}-{}-{} {}:{}",
    "order {}, order {}",
  })
  void uuidsHexAndDigitsAreFolded(String step, String folded) {
    assertThat(StepNames.folded(step)).isEqualTo(folded);
    assertThat(StepNames.folded(folded)).isEqualTo(folded);
  }

  @Test
  void upTo200StepsKeepTheirNames() {
    assertThat(shown(200, i -> "order " + i + "-1")).allMatch(step -> step.getStep() == null);
    assertThat(shown(200, i -> "order " + i + "-2")).allMatch(step -> step.getStep() == null);
  }

  @Test
  void loopIsOneStep() {
    assertThat(shown(5_000, i -> "order-" + i)).allMatch(step -> step.getStep() == null);
  }

  @Test
  void moreThan200StepsFoldIdsInWholeDetailAndLater() {
    assertThat(shown(201, i -> "order " + i + "-1"))
        .allMatch(step -> step.getStep().equals("order {}"));
    assertThat(shown(1, i -> "order 17-1")).allMatch(step -> step.getStep().equals("order {}"));
  }

  @Test
  void nameWithoutIdsIsKept() {
    shown(201, i -> "order " + UUID.randomUUID());

    assertThat(shown(1, i -> "send the mail-3")).allMatch(step -> step.getStep() == null);
  }

  @Test
  void moreThan1000StepsMakeNewOnesOther() {
    assertThat(shown(1_000, StepNamesTest::nameWithoutDigits))
        .allMatch(step -> step.getStep() == null);

    assertThat(shown(1_001, StepNamesTest::nameWithoutDigits).get(1_000).getStep())
        .isEqualTo("(other)");
    assertThat(shown(1_000, StepNamesTest::nameWithoutDigits))
        .allMatch(step -> step.getStep() == null);
  }

  @Test
  void terminationAndNamelessEntryAreNotCounted() {
    shown(200, i -> "order " + i);
    Step nameless = step(null);
    Step termination = step("terminated by 17");
    termination.setType("termination");

    names.named(ObservedSteps.of(List.of(nameless, termination)));

    assertThat(shown(1, i -> "order 0")).allMatch(step -> step.getStep() == null);
  }

  @Test
  void knownNamesSurviveProcessRestart() {
    shown(201, i -> "order " + i);
    assertThat(names.hasChanges()).isTrue();
    Checkpoint checkpoint = names.toCheckpoint(KEY);

    StepNames next = new StepNames();
    next.restore(checkpoint.getSteps());

    assertThat(next.named(ObservedSteps.of(List.of(step("order 17")))).get(0).getStep())
        .isEqualTo("order {}");
    assertThat(next.hasChanges()).isFalse();
  }

  private List<Step> shown(int count, IntFunction<String> name) {
    return new ArrayList<>(
        names.named(
            ObservedSteps.of(
                IntStream.range(0, count).mapToObj(i -> step(name.apply(i))).toList())));
  }

  private static Step step(String name) {
    Step step = new Step();
    step.setType("step");
    step.setName(name);
    step.setAttempts(List.of());
    return step;
  }

  private static String nameWithoutDigits(int number) {
    return "to "
        + (char) ('g' + number / 100)
        + (char) ('g' + number / 10 % 10)
        + (char) ('g' + number % 10);
  }
}
