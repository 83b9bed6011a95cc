package io.flowmeter.streams.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class PendingRollupsTest {
  /**
   * The bytes of the store after a round that was told, and one with two changes that was not: a
   * line each.
   */
  private static final Path GOLDEN = Path.of("src/test/resources/untold-changes-1.txt");

  private static final HexFormat HEX = HexFormat.of();
  private static final Instant MINUTE = Instant.parse("2026-11-24T12:00:00Z");

  private static PendingRollup kept() {
    WorkflowMinute queued = new WorkflowMinute();
    queued.setAccountId("account");
    queued.setWorkflow("billing");
    queued.setVersionId("v1");
    queued.setTriggerSource("cron");
    queued.setMinute(MINUTE);
    queued.setQueued(1);
    queued.setQueueBuckets(List.of(new Bucket(-1, 1L)));
    queued.setRunBuckets(List.of());
    queued.setTotalBuckets(List.of());
    StepMinute recovered = step("fetch", MINUTE);
    recovered.setRuns(1);
    recovered.setSucceeded(1);
    recovered.setRecovered(1);
    recovered.setAttempts(3);
    recovered.setRetries(2);
    recovered.setLostMs(640);
    recovered.setWallMsSum(679);
    recovered.setWallBuckets(List.of(new Bucket(330, 1L)));
    recovered.setAttemptBuckets(List.of(new Bucket(217, 1L)));
    StepMinute takenBack = step("pay", MINUTE.plusSeconds(60));
    takenBack.setRuns(-7);
    takenBack.setFailed(-7);
    takenBack.setWallBuckets(List.of(new Bucket(10, -7L), new Bucket(300, 2L)));
    takenBack.setAttemptBuckets(List.of());
    return new PendingRollup(
        "account",
        "billing",
        -8,
        new Contributions(List.of(queued), List.of(recovered, takenBack)));
  }

  private static StepMinute step(String name, Instant minute) {
    StepMinute step = new StepMinute();
    step.setAccountId("account");
    step.setWorkflow("billing");
    step.setVersionId("v1");
    step.setStep(name);
    step.setType("step");
    step.setMinute(minute);
    return step;
  }

  private final AnyState any = new AnyState(new Random(1));
  private final KeyValueStore<Bytes, byte[]> store = MemoryStore.empty();
  private final PendingRollups changes = started();

  private PendingRollups started() {
    PendingRollups started = new PendingRollups(store);
    started.read();
    return started;
  }

  private PendingRollup change(long part) {
    return new PendingRollup("account", "workflow", part, any.contributions());
  }

  @Test
  void whatWasAddedIsThereAfterAStart() {
    List<PendingRollup> added = LongStream.of(7, -8, 9).mapToObj(this::change).toList();
    added.forEach(changes::add);

    assertThat(new PendingRollups(store).read()).containsExactlyElementsOf(added);
  }

  @Test
  void whatWasToldIsNot() {
    changes.add(change(1));
    changes.add(change(2));
    changes.clear();
    PendingRollup pending = change(3);
    changes.add(pending);

    assertThat(new PendingRollups(store).read()).containsExactly(pending);
  }

  @Test
  void aStartGoesOnInTheRoundThatWasUnderWay() {
    changes.add(change(1));
    changes.clear();
    PendingRollup before = change(2);
    changes.add(before);

    PendingRollup after = change(3);
    started().add(after);

    PendingRollups third = new PendingRollups(store);
    assertThat(third.read()).containsExactly(before, after);
    third.clear();
    assertThat(new PendingRollups(store).read()).isEmpty();
  }

  /**
   * A format that was released never changes: another one gets a number and a file of its own, and
   * this file stays. {@code -Dgolden.update=true} is for a format that was not released yet.
   */
  @Test
  void theSameChangesAreWrittenAsTheSameBytes() throws IOException {
    changes.add(kept());
    changes.clear();
    changes.add(kept());
    changes.add(kept());
    List<String> lines = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> entries = store.all()) {
      entries.forEachRemaining(
          entry -> lines.add(HEX.formatHex(entry.key.get()) + ' ' + HEX.formatHex(entry.value)));
    }
    if (Boolean.getBoolean("golden.update")) {
      Files.write(GOLDEN, lines);
    }

    assertThat(lines).isEqualTo(Files.readAllLines(GOLDEN));
  }

  @Test
  void whatWasWrittenIsUnderstood() throws IOException {
    for (String line : Files.readAllLines(GOLDEN)) {
      String[] entry = line.split(" ");
      store.put(Bytes.wrap(HEX.parseHex(entry[0])), HEX.parseHex(entry[1]));
    }

    assertThat(new PendingRollups(store).read()).containsExactly(kept(), kept());
  }

  @Test
  void manyThatComeBetweenTwoCommitsAreFewRecords() {
    List<PendingRollup> added = LongStream.range(0, 300).mapToObj(this::change).toList();
    added.forEach(changes::add);

    assertThat(new PendingRollups(store).read()).containsExactlyElementsOf(added);
    assertThat(store.approximateNumEntries()).isLessThan(added.size() / 2);
  }

  @Test
  void whatANewerFlowmeterWroteIsNotGuessed() {
    store.put(Bytes.wrap(new byte[] {0, 0, 0, 1}), new byte[] {2, 0});

    assertThatThrownBy(() -> new PendingRollups(store).read())
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("expected a page of untold changes in state format 1, came format 2")
        .hasMessageContaining("Run that version, or a later one");
  }
}
