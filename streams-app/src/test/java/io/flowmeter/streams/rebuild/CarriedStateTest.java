package io.flowmeter.streams.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.streams.topology.FlowmeterTopology;
import io.flowmeter.streams.topology.TopologySettings;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.Test;

class CarriedStateTest {

  @Test
  void whatIsDoneWithItIsSaidOfEveryStore() {
    Set<String> stores =
        FlowmeterTopology.build(
                TopologySettings.DEFAULTS, SchemaRegistry.inMemory(), Clock.system())
            .describe()
            .subtopologies()
            .stream()
            .flatMap(part -> part.nodes().stream())
            .filter(TopologyDescription.Processor.class::isInstance)
            .flatMap(node -> ((TopologyDescription.Processor) node).stores().stream())
            .collect(Collectors.toSet());

    assertThat(FlowmeterTopology.carries().keySet()).isEqualTo(stores);
  }
}
