package io.flowmeter.streams.topology;

import static io.flowmeter.streams.InstanceHistory.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.streams.InstanceHistory;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What no poller writes is unreadable, and stops nothing. */
class UnsoundObservationsTest {
  private static final Instant BEFORE_ALL_TIME = Instant.ofEpochMilli(Long.MIN_VALUE);

  private final SchemaRegistry registry = SchemaRegistry.inMemory();

  @Test
  void aRecordThatHoldsNoObservationStopsNothing() {
    try (PipelineDriver pipeline = new PipelineDriver()) {
      pipeline.observeBytes(null);
      pipeline.observe(spoilt(each -> each.getDetail().setParts(-1)));
      pipeline.observe(InstanceHistory.of("billing", "sound", 0).row(1_000, "running"));

      assertThat(pipeline.instances())
          .extracting(run -> run.getInstanceId())
          .containsExactly("sound");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void anUnsoundObservationIsUnreadable(String what, Consumer<Observation> spoils) {
    byte[] bytes =
        AvroSerde.serializer(Topics.OBSERVATIONS, registry).serialize("topic", spoilt(spoils));

    assertThatThrownBy(() -> ObservationSerde.of(registry).deserializer().deserialize("t", bytes))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("expected");
  }

  static Stream<Arguments> anUnsoundObservationIsUnreadable() {
    return Stream.of(
        unsound(
            "a text that no row can hold",
            each -> each.getDetail().setError(new Error("E", "long ".repeat(100_000)))),
        unsound("no parts", each -> each.getDetail().setParts(0)),
        unsound(
            "parts that no memory holds",
            each -> {
              each.getDetail().setParts(Integer.MAX_VALUE);
              each.getDetail().setPart(Integer.MAX_VALUE - 1);
            }),
        unsound("a part before the first", each -> each.getDetail().setPart(-1)),
        unsound("a part behind the last", each -> each.getDetail().setPart(1)),
        unsound("a step before the first", each -> step(each).setStepIndex(-1)),
        unsound("a run before all time", each -> each.setRun(Long.MIN_VALUE)),
        unsound("a start before all time", each -> each.getDetail().setStart(BEFORE_ALL_TIME)),
        unsound("a step's end before all time", each -> step(each).setEnd(BEFORE_ALL_TIME)));
  }

  private static Arguments unsound(String what, Consumer<Observation> spoils) {
    return Arguments.of(what, spoils);
  }

  private static Step step(Observation observation) {
    return observation.getDetail().getSteps().get(0);
  }

  private static Observation spoilt(Consumer<Observation> spoils) {
    Observation observation =
        InstanceHistory.of("billing", "unsound", 0)
            .detail(1_000, "complete")
            .started(10)
            .ended(900)
            .step(succeeded("a-1", 10, 20))
            .told();
    spoils.accept(observation);
    return observation;
  }

  @Test
  void aStepWithoutANameThatCountsUnderOneIsCarriedThrough() {
    Observation observation =
        InstanceHistory.of("billing", "i-1", 0)
            .detail(1_000, "running")
            .started(10)
            .step(succeeded("", 10, 20).setName(null).setStep("(other)"))
            .told();
    try (PipelineDriver pipeline = new PipelineDriver()) {
      pipeline.observe(List.of(observation, observation));

      assertThat(pipeline.stepRuns())
          .singleElement()
          .satisfies(step -> assertThat(step.getStep()).isEqualTo("(other)"));
    }
  }
}
