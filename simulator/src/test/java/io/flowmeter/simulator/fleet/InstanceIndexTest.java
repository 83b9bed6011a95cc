package io.flowmeter.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.StatusChange;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A shelf against the plainest thing that does the same. */
class InstanceIndexTest {
  private static final SimulatedStatus[] STATUSES = SimulatedStatus.values();

  private final Random random = new Random(11);
  private final InstanceIndex index = new InstanceIndex(0);
  private final Map<Integer, SimulatedStatus> plain = new TreeMap<>();

  private static String id(long number) {
    // Many of equal hashes.
    int third = (int) (number % 3);
    return "Aa".repeat(third) + "BB".repeat(2 - third) + number / 3;
  }

  @Test
  void listsAreThoseOfAPlainMapWhateverComesAndGoes() {
    StatusTimeline course = course();
    for (int i = 0; i < 20_000; i++) {
      int serial = index.append(i * 10L, id(i), course);
      assertThat(serial).isEqualTo(i);
      if (random.nextInt(10) > 0) {
        show(serial);
      }
      change();
      if (i % 500 == 0) {
        assertSame(i);
      }
    }
    assertSame(20_000);
  }

  private void show(int serial) {
    SimulatedStatus status = STATUSES[random.nextInt(STATUSES.length)];
    index.show(serial, status);
    plain.put(serial, status);
  }

  private void change() {
    int oldest = Math.max(0, index.end() - 3_000);
    int serial = oldest + random.nextInt(index.end() - oldest);
    if (plain.containsKey(serial)) {
      show(serial);
    }
    // The oldest go, so that the shelf can drop them.
    for (int gone = oldest - 2; gone >= 0 && gone < oldest; gone++) {
      if (index.holds(gone)) {
        index.hide(gone);
        plain.remove(gone);
      }
    }
  }

  private void assertSame(int end) {
    for (int list = 0; list <= InstanceIndex.ALL; list++) {
      List<Long> expected = new ArrayList<>();
      for (Map.Entry<Integer, SimulatedStatus> each : plain.entrySet()) {
        if (list == InstanceIndex.ALL || each.getValue() == STATUSES[list]) {
          expected.add(each.getKey() * 10L);
        }
      }
      int count = expected.size();
      assertThat(index.count(list)).isEqualTo(count);
      int rank = count == 0 ? 0 : random.nextInt(count);
      assertThat(index.numbers(list, rank, 40, 1))
          .containsExactly(array(expected.subList(rank, Math.min(count, rank + 40))));
      if (count > 0) {
        List<Long> older = new ArrayList<>(expected.subList(Math.max(0, rank - 39), rank + 1));
        Collections.reverse(older);
        assertThat(index.numbers(list, rank, 40, -1)).containsExactly(array(older));
      }
      long moment = random.nextInt(end + 1) * 10L + 5;
      assertThat(index.rankOf(list, moment, number -> number))
          .isEqualTo((int) expected.stream().filter(number -> number < moment).count());
    }
    for (int i = 0; i < 50; i++) {
      int serial = random.nextInt(end + 10);
      String id = id(serial);
      assertThat(index.find(id, number -> id(number / 10).equals(id)))
          .isEqualTo(plain.containsKey(serial) ? serial : -1);
    }
  }

  private static long[] array(List<Long> numbers) {
    return numbers.stream().mapToLong(number -> number).toArray();
  }

  private static StatusTimeline course() {
    Instant at = Instant.parse("2026-03-02T09:30:00Z");
    SimulatedRun run =
        new SimulatedRun(
            at,
            Optional.empty(),
            Optional.of(at),
            Optional.empty(),
            new Version("v", at, false),
            TriggerSource.API,
            List.of(new StatusChange(at, SimulatedStatus.QUEUED)),
            List.of(),
            Optional.empty());
    return new StatusTimeline(new Instance("w", 0, "i", at, List.of(run)), 1, false);
  }
}
