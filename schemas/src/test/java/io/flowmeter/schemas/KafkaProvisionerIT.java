package io.flowmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.embedded.EmbeddedStack;
import io.flowmeter.schemas.KafkaProvisioner.Settings;
import io.flowmeter.schemas.observation.Observation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests topics and subjects with a real broker and a real registry. */
class KafkaProvisionerIT {
  @TempDir static Path data;

  private static EmbeddedStack stack;
  private static Admin admin;
  private static SchemaRegistry registry;

  @BeforeAll
  static void start() {
    stack = EmbeddedStack.in(data).withKafka(0).withRegistry(0).start();
    admin = Admin.create(Map.of("bootstrap.servers", stack.kafka().bootstrapServers()));
    registry = SchemaRegistry.confluent(stack.registry().url().toString());
    KafkaProvisioner.apply(admin, registry, new Settings(3, Optional.empty()));
  }

  @AfterAll
  static void stop() {
    registry.close();
    admin.close();
    stack.close();
  }

  @Test
  void everySubjectIsFullTransitive() {
    assertThat(Topics.ALL)
        .allSatisfy(
            topic ->
                assertThat(registry.compatibility(topic.subject()))
                    .isEqualTo(SchemaRegistry.FULL_TRANSITIVE));
  }

  @Test
  void applyingTwiceChangesNothing() {
    assertThat(KafkaProvisioner.apply(admin, registry, new Settings(3, Optional.empty())))
        .isEmpty();
  }

  @Test
  void applyReportsUnreachableRegistry() {
    try (SchemaRegistry nowhere = SchemaRegistry.confluent("http://127.0.0.1:1")) {
      assertThatThrownBy(
              () -> KafkaProvisioner.apply(admin, nowhere, new Settings(3, Optional.empty())))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContaining("http://127.0.0.1:1");
    }
  }

  @Test
  void topicsHaveConfiguredPartitions() throws Exception {
    var topics = admin.describeTopics(Topics.ALL.stream().map(Topic::name).toList());

    assertThat(topics.allTopicNames().get().values())
        .allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));
  }

  @Test
  void existingTopicsKeepTheirPartitions() {
    assertThat(KafkaProvisioner.apply(admin, registry, new Settings(5, Optional.empty())))
        .isEmpty();
  }

  @Test
  void registryRejectsIncompatibleChange() {
    Schema withoutRun =
        SchemaBuilder.record("Observation")
            .namespace(Observation.class.getPackageName())
            .fields()
            .requiredString("account_id")
            .requiredInt("workflow")
            .endRecord();

    assertThatThrownBy(() -> registry.register(Topics.OBSERVATIONS.subject(), withoutRun))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("FULL_TRANSITIVE")
        .hasMessageContaining("may only add fields with defaults");
  }

  @Test
  void registryAcceptsAddedOptionalField() {
    Schema now = Topics.VERSIONS.schema();
    Schema more = Schema.createRecord(now.getName(), now.getDoc(), now.getNamespace(), false);
    List<Schema.Field> fields = new ArrayList<>();
    now.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    fields.add(
        new Schema.Field(
            "region",
            SchemaBuilder.unionOf().nullType().and().stringType().endUnion(),
            null,
            Schema.Field.NULL_DEFAULT_VALUE));
    more.setFields(fields);

    assertThatCode(() -> registry.register(Topics.VERSIONS.subject(), more))
        .doesNotThrowAnyException();
  }

  @Test
  void unregisteredSchemaIsReportedWithCommand() {
    assertThatThrownBy(() -> registry.idOf("flowmeter.unheard-value", Topics.VERSIONS.schema()))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("flowmeter migrate");
  }

  @Test
  void unreachableRegistryIsReportedWithAddress() {
    try (SchemaRegistry nowhere = SchemaRegistry.confluent("http://127.0.0.1:1")) {
      assertThatThrownBy(() -> nowhere.byId(1))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContaining("http://127.0.0.1:1");
    }
  }

  @Test
  void valuesAreReadBackWithRealRegistry() {
    Serde<Observation> serde = AvroSerde.of(Topics.OBSERVATIONS, registry);
    Observation written =
        Observation.newBuilder()
            .setAccountId("local")
            .setWorkflow("w")
            .setObservedAt(Instant.parse("2026-11-24T12:00:00Z"))
            .build();

    assertThat(serde.deserializer().deserialize("", serde.serializer().serialize("", written)))
        .isEqualTo(written);
  }
}
