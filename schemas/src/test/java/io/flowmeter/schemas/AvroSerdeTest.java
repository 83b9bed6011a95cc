package io.flowmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class AvroSerdeTest {
  private static final Instant T = Instant.parse("2026-11-24T12:22:26.238Z");

  private final SchemaRegistry registry = SchemaRegistry.inMemory();
  private final Serde<Observation> observations = AvroSerde.of(Topics.OBSERVATIONS, registry);

  @Test
  void writtenValueIsReadBack() {
    Observation written = detailWithAnUnknownStepType();

    byte[] bytes = observations.serializer().serialize("ignored", written);

    assertThat(observations.deserializer().deserialize("ignored", bytes)).isEqualTo(written);
  }

  @Test
  void framingIsConfluentWireFormat() {
    int id = registry.register(Topics.OBSERVATIONS.subject(), Topics.OBSERVATIONS.schema());

    byte[] bytes = observations.serializer().serialize("ignored", detailWithAnUnknownStepType());

    assertThat(bytes).startsWith(0, 0, 0, 0, id);
  }

  @Test
  void tombstoneStaysTombstone() {
    assertThat(observations.serializer().serialize("ignored", null)).isNull();
    assertThat(observations.deserializer().deserialize("ignored", null)).isNull();
  }

  @Test
  void foreignBytesAreRejectedWithExpectedFormat() {
    assertThatThrownBy(
            () -> observations.deserializer().deserialize("ignored", new byte[] {'{', '}'}))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("flowmeter.observations")
        .hasMessageContaining("Confluent wire format");
  }

  @Test
  void truncatedValueIsRejected() {
    byte[] bytes = observations.serializer().serialize("ignored", detailWithAnUnknownStepType());
    byte[] half = java.util.Arrays.copyOf(bytes, bytes.length / 2);

    assertThatThrownBy(() -> observations.deserializer().deserialize("ignored", half))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("cannot be read as io.flowmeter.schemas.observation.Observation");
  }

  @Test
  void bucketsAreReadBack() {
    Serde<WorkflowMinute> serde = AvroSerde.of(Topics.WORKFLOW_MINUTES, registry);
    WorkflowMinute minute =
        WorkflowMinute.newBuilder()
            .setAccountId("local")
            .setWorkflow("order")
            .setVersionId("")
            .setTriggerSource("unknown")
            .setMinute(T)
            .setPart(7)
            .setRunBuckets(List.of(new Bucket(-1, 2L), new Bucket(331, -1L)))
            .setRevision(1)
            .build();

    assertThat(serde.deserializer().deserialize("", serde.serializer().serialize("", minute)))
        .isEqualTo(minute);
  }

  private static Observation detailWithAnUnknownStepType() {
    Step step =
        Step.newBuilder()
            .setStepIndex(0)
            .setType("teleport")
            .setName("sp ace/“q”%-1")
            .setStart(T)
            .setSuccess(false)
            .setAttempts(List.of(new Attempt(T, null, null, new Error("E", "m"))))
            .build();
    return Observation.newBuilder()
        .setAccountId("local")
        .setWorkflow("order")
        .setInstanceId("a b*/#,")
        .setRun(T.toEpochMilli())
        .setObservedAt(T)
        .setDetail(
            DetailPart.newBuilder()
                .setDetailId("d")
                .setPart(0)
                .setParts(1)
                .setWhole(true)
                .setStatus("evaporated")
                .setStepCount(1)
                .setSteps(List.of(step))
                .build())
        .build();
  }
}
