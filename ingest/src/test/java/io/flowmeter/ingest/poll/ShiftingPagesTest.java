package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Pages that shift under the cursor, repeat rows and are out of order. */
class ShiftingPagesTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  @Property(tries = 100)
  void anEndedRunIsNeitherLostNorToldTwice(@ForAll long seed) throws InterruptedException {
    Random random = new Random(seed);
    LittleRuntime runtime = LittleRuntime.production();
    runtime.deploy("orders");
    runtime.pagesShift(random);
    RecordingSink recorded = new RecordingSink();
    Poller poller =
        new Poller(
            runtime,
            PollSettings.production(INTERVAL, 1),
            CheckpointSnapshot.NOTHING,
            recorded,
            new Telemetry(runtime.clock()),
            new PollStats(),
            runtime.clock());
    List<String> all = new ArrayList<>();
    for (int round = 0; round < 8; round++) {
      for (int i = random.nextInt(12); i > 0; i--) {
        String id = "order-" + all.size();
        all.add(id);
        runtime.create("orders", id, random.nextBoolean() ? "running" : "complete");
      }
      for (String id : all) {
        if (random.nextInt(4) == 0 && runtime.shows("orders", id, "running")) {
          runtime.move("orders", id, random.nextBoolean() ? "complete" : "errored");
        }
      }
      poller.runUntil(runtime.clock().instant().plus(INTERVAL));
    }
    all.stream()
        .filter(id -> runtime.shows("orders", id, "running"))
        .forEach(id -> runtime.move("orders", id, "complete"));
    for (int round = 0; round < 4; round++) {
      poller.runUntil(runtime.clock().instant().plus(INTERVAL));
    }
    Map<String, Long> ends =
        recorded.observations().stream()
            .filter(each -> each.getDetail() != null && each.getDetail().getWhole())
            .collect(Collectors.groupingBy(Observation::getInstanceId, Collectors.counting()));
    assertThat(ends.keySet()).containsExactlyInAnyOrderElementsOf(all);
    assertThat(ends.values()).allMatch(times -> times == 1);
  }
}
