package io.flowmeter.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.dev.bench.RestBenchmark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the benchmark of a pipeline at rest runs, however short. */
class SmallRestBenchmarkIT {

  @Test
  void ofAFewSeconds() throws InterruptedException {
    List<String> progress = new ArrayList<>();
    RestBenchmark small = new RestBenchmark(2, Duration.ofSeconds(5), Duration.ofSeconds(5));
    assertThat(small.run(progress::add).toString()).contains("rest.cores", "rest.instances.kept");
    assertThat(progress).first().asString().startsWith("warms up");
  }
}
