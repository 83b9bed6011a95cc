package io.flowmeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.SchemaRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TopologyDescriptionTest {
  private static final Path GOLDEN = Path.of("src/test/resources/topology.txt");

  /**
   * Names of stores and repartition topics are where state is found again: a change of this file is
   * a migration. To accept one, run with {@code -Dgolden.update=true} and commit the difference.
   */
  @Test
  void theTopologyIsTheOneThatStateWasWrittenWith() throws IOException {
    String description =
        FlowmeterTopology.build(
                TopologySettings.DEFAULTS, SchemaRegistry.inMemory(), Clock.system())
            .describe()
            .toString();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(GOLDEN, description);
    }

    assertThat(description).isEqualTo(Files.readString(GOLDEN, StandardCharsets.UTF_8));
  }
}
