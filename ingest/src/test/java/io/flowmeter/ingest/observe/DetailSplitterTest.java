package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DetailSplitterTest {
  private static final InstanceKey KEY = new InstanceKey("acc", "orders", "order-1");

  private static Step step(int index, int attempts, String message) {
    Step step = Seen.status("").step("step " + index, index).detailAt(0).value().steps().get(0);
    step.setStepIndex(index);
    List<Attempt> all = new ArrayList<>();
    for (int i = 0; i < attempts; i++) {
      all.add(new Attempt(Seen.at(i), Seen.at(i + 1), false, new Error("Error", i + message)));
    }
    step.setAttempts(all);
    return step;
  }

  private static List<Observation> split(List<Step> steps) {
    return DetailSplitter.split(
        () -> {
          DetailPart header =
              ObservationFactory.header(Seen.status("complete").detailAt(0).value());
          header.setStepCount(steps.size());
          return ObservationFactory.detail(KEY, 1, Seen.CREATED, header);
        },
        ObservedSteps.of(steps));
  }

  /** What a reader puts together from parts. */
  private static Map<Integer, Step> joined(List<Observation> parts) {
    Map<Integer, Step> joined = new TreeMap<>();
    for (Observation part : parts) {
      for (Step step : part.getDetail().getSteps()) {
        List<Attempt> attempts = new ArrayList<>();
        if (joined.containsKey(step.getStepIndex())) {
          attempts.addAll(joined.get(step.getStepIndex()).getAttempts());
        }
        assertThat(step.getAttemptOffset()).isEqualTo(attempts.size());
        attempts.addAll(step.getAttempts());
        step.setAttemptOffset(0);
        step.setAttempts(attempts);
        joined.put(step.getStepIndex(), step);
      }
    }
    return joined;
  }

  private static void assertThatAllIsThere(List<Step> steps, List<Observation> parts) {
    for (int i = 0; i < parts.size(); i++) {
      assertThat(parts.get(i).getDetail().getPart()).isEqualTo(i);
      assertThat(parts.get(i).getDetail().getParts()).isEqualTo(parts.size());
      assertThat(parts.get(i).getDetail().getStepCount()).isEqualTo(steps.size());
      assertThat(RecordFingerprint.of(parts.get(i)).size())
          .isLessThanOrEqualTo(DetailSplitter.MAX_BYTES);
    }
    assertThat(List.copyOf(joined(parts).values())).isEqualTo(steps);
  }

  @Test
  void aDetailWithoutStepsIsOnePart() {
    assertThatAllIsThere(List.of(), split(List.of()));
    assertThat(split(List.of())).hasSize(1);
  }

  @Test
  void aShortDetailIsOnePart() {
    List<Step> steps = List.of(step(0, 1, ""), step(1, 3, "no"));
    assertThat(split(steps)).hasSize(1);
    assertThatAllIsThere(steps, split(steps));
  }

  @Test
  void aLongDetailTravelsInFullParts() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 25_000; i++) {
      steps.add(step(i, 5, ""));
    }
    List<Observation> parts = split(steps);
    for (Observation part : parts.subList(0, parts.size() - 1)) {
      assertThat(RecordFingerprint.of(part).size())
          .isGreaterThan(DetailSplitter.MAX_BYTES * 9 / 10);
    }
    assertThatAllIsThere(steps, parts);
  }

  @Test
  void aStepWithMoreAttemptsThanFitIsContinued() {
    List<Step> steps = List.of(step(0, 1, "a"), step(1, 500, "x".repeat(4_000)), step(2, 1, "b"));
    List<Observation> parts = split(steps);
    assertThat(parts.size()).isGreaterThan(7);
    assertThatAllIsThere(steps, parts);
  }

  @Test
  void stepsOfAnySizeFit() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      steps.add(step(i, i, "y".repeat(i * 17 % 4_096)));
    }
    assertThatAllIsThere(steps, split(steps));
  }
}
