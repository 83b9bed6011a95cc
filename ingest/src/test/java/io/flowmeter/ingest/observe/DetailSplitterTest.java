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

  /** Joins chunks as a consumer does. */
  private static Map<Integer, Step> joined(List<Observation> chunks) {
    Map<Integer, Step> joined = new TreeMap<>();
    for (Observation chunk : chunks) {
      for (Step step : chunk.getDetail().getSteps()) {
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

  private static void assertComplete(List<Step> steps, List<Observation> chunks) {
    for (int i = 0; i < chunks.size(); i++) {
      assertThat(chunks.get(i).getDetail().getPart()).isEqualTo(i);
      assertThat(chunks.get(i).getDetail().getParts()).isEqualTo(chunks.size());
      assertThat(chunks.get(i).getDetail().getStepCount()).isEqualTo(steps.size());
      assertThat(RecordFingerprint.of(chunks.get(i)).size())
          .isLessThanOrEqualTo(DetailSplitter.MAX_BYTES);
    }
    assertThat(List.copyOf(joined(chunks).values())).isEqualTo(steps);
  }

  @Test
  void detailWithoutStepsIsOneChunk() {
    assertComplete(List.of(), split(List.of()));
    assertThat(split(List.of())).hasSize(1);
  }

  @Test
  void shortDetailIsOneChunk() {
    List<Step> steps = List.of(step(0, 1, ""), step(1, 3, "no"));
    assertThat(split(steps)).hasSize(1);
    assertComplete(steps, split(steps));
  }

  @Test
  void longDetailIsSplitIntoFullChunks() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 25_000; i++) {
      steps.add(step(i, 5, ""));
    }
    List<Observation> chunks = split(steps);
    for (Observation chunk : chunks.subList(0, chunks.size() - 1)) {
      assertThat(RecordFingerprint.of(chunk).size())
          .isGreaterThan(DetailSplitter.MAX_BYTES * 9 / 10);
    }
    assertComplete(steps, chunks);
  }

  @Test
  void stepWithTooManyAttemptsSpansChunks() {
    List<Step> steps = List.of(step(0, 1, "a"), step(1, 500, "x".repeat(4_000)), step(2, 1, "b"));
    List<Observation> chunks = split(steps);
    assertThat(chunks.size()).isGreaterThan(7);
    assertComplete(steps, chunks);
  }

  @Test
  void stepsOfAnySizeFitIntoChunks() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      steps.add(step(i, i, "y".repeat(i * 17 % 4_096)));
    }
    assertComplete(steps, split(steps));
  }
}
