package io.flowmeter.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.state.EndedUntold;
import io.flowmeter.schemas.state.Generation;
import io.flowmeter.schemas.state.Replayed;
import io.flowmeter.schemas.state.SpikeState;
import io.flowmeter.schemas.state.StatusTally;
import io.flowmeter.schemas.state.SweepState;
import io.flowmeter.schemas.state.SweepTally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StateSerdeTest {
  private static final Path KEPT = Path.of("src/main/resources/io/flowmeter/schemas/state");

  static List<Class<? extends SpecificRecord>> state() {
    return List.of(
        EndedUntold.class,
        Generation.class,
        Observation.class,
        Replayed.class,
        SpikeState.class,
        StatusTally.class,
        SweepState.class,
        SweepTally.class);
  }

  /**
   * Checks that the current schemas of state are kept. If a schema changes, the new one is added,
   * and those of releases stay for the state written with them. Run with {@code
   * -Dstate.update=true} to add it, and commit the file.
   */
  @ParameterizedTest
  @MethodSource("state")
  void currentSchemaIsKept(Class<? extends SpecificRecord> type) throws IOException {
    Schema current = Records.DATA.getSchema(type);
    String file = type.getSimpleName() + "-" + fingerprint(current) + ".avsc";
    if (Boolean.getBoolean("state.update") && !Files.exists(KEPT.resolve(file))) {
      Files.createDirectories(KEPT);
      Files.writeString(KEPT.resolve(file), current.toString(true) + "\n");
      Path index = KEPT.resolve("index.txt");
      List<String> lines =
          new ArrayList<>(Files.exists(index) ? Files.readAllLines(index) : List.of());
      lines.add(file);
      Files.writeString(index, String.join("\n", lines.stream().sorted().toList()) + "\n");
    }

    assertThat(KEPT.resolve(file)).exists();
    assertThat(Files.readAllLines(KEPT.resolve("index.txt"))).contains(file);
  }

  @Test
  void stateOfEarlierVersionIsRead() throws IOException {
    Schema current = StatusTally.getClassSchema();
    Schema earlier =
        Schema.createRecord(current.getName(), null, current.getNamespace(), false, List.of());
    GenericRecord written = new GenericData.Record(earlier);
    byte[] bytes =
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), earlier).encode(written).array();

    assertThat(
            StateSerde.of(StatusTally.class, List.of(earlier))
                .deserializer()
                .deserialize("", bytes))
        .isEqualTo(new StatusTally(Map.of()));
  }

  @Test
  void stateOfNewerVersionIsRejected() throws IOException {
    StatusTally tally = new StatusTally(Map.of());
    Schema newer = Schema.createRecord("StatusTally", null, "newer", false, List.of());
    byte[] bytes =
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), newer)
            .encode(new GenericData.Record(newer))
            .array();

    assertThatThrownBy(() -> read(StatusTally.class, bytes))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining(
            "expected a StatusTally in one of the schemas that this version knows")
        .hasMessageContaining(Long.toString(SchemaNormalization.parsingFingerprint64(newer)))
        .hasMessageContaining("Run that version, or a later one");
    assertThat(
            read(
                StatusTally.class,
                StateSerde.of(StatusTally.class).serializer().serialize("", tally)))
        .isEqualTo(tally);
  }

  @Test
  void foreignBytesAreRejected() {
    assertThatThrownBy(() -> read(StatusTally.class, "{\"not\": \"avro\"}".getBytes(UTF_8)))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("expected a StatusTally in Avro's single-object encoding");
  }

  private static <T extends SpecificRecord> T read(Class<T> type, byte[] bytes) {
    return StateSerde.of(type).deserializer().deserialize("", bytes);
  }

  private static String fingerprint(Schema schema) {
    return Long.toHexString(SchemaNormalization.parsingFingerprint64(schema));
  }
}
