package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservedStepsTest {
  private static Step step(int index) {
    Step step = new Step();
    step.setStepIndex(index);
    step.setType("step");
    step.setName("charge card-" + index);
    step.setStart(Instant.ofEpochMilli(1_795_521_600_000L + index));
    step.setSuccess(false);
    step.setError(new Error("RangeError", "balance < 0, für 1 €"));
    step.setRetryLimit(5L);
    step.setAttemptOffset(0);
    step.setAttempts(
        List.of(
            new Attempt(step.getStart(), null, null, null),
            new Attempt(step.getStart(), step.getStart().plusMillis(9), false, step.getError())));
    return step;
  }

  private static Step sleep(int index) {
    Step step = new Step();
    step.setStepIndex(index);
    step.setType("sleep");
    step.setAttemptOffset(0);
    step.setAttempts(List.of());
    return step;
  }

  @Test
  void comeBackAsTheyWere() {
    List<Step> steps = List.of(step(0), sleep(1), step(2));
    assertThat(ObservedSteps.of(steps))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(steps);
    assertThat(ObservedSteps.NONE).isEmpty();
  }

  @Test
  void toChangeOneThatWasAskedForChangesNothing() {
    ObservedSteps steps = ObservedSteps.of(List.of(step(0)));
    steps.get(0).setName("another");
    steps.encoding(0)[0] = 7;
    assertThat(steps.get(0).getName()).isEqualTo("charge card-0");
    assertThat(steps.get(0).getStepIndex()).isZero();
  }

  @Test
  void someOfThemStayInOrder() {
    ObservedSteps steps = ObservedSteps.of(List.of(step(0), step(1), step(2), step(3)));
    assertThat(steps.only(index -> index % 2 == 1))
        .extracting(Step::getStepIndex)
        .containsExactly(1, 3);
  }

  @Test
  void thereIsNoneBeyondTheLast() {
    assertThatThrownBy(() -> ObservedSteps.of(List.of(step(0))).get(1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
