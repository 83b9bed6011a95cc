package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.schemas.checkpoint.Checkpoint;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Times are milliseconds since the creation of {@link Seen}; ends are known from 0 on. */
class PublishedEndIndexTest {
  private static final InstanceKey ORDERS = InstanceKey.ofWorkflow("account", "orders");
  private static final InstanceKey RUN = new InstanceKey("account", "orders", "order-1");
  private static final int MAX_ENDS = 8 * PublishedEndIndex.PER_BLOCK;
  private static final long MUCH_LATER = 10_000_000_000L;

  private final Map<InstanceKey, Checkpoint> stored = new LinkedHashMap<>();
  private PublishedEndIndex ends = new PublishedEndIndex(MAX_ENDS);

  PublishedEndIndexTest() {
    ends.startBlock(Seen.at(0).minus(EndMatcher.SKEW));
  }

  private static TrackedInstance listed(long end) {
    Seen seen = Seen.status("complete").startedAt(0).endedAt(end);
    return ChangeDetection.row(RUN, TrackedInstance.NONE, seen.rowAt(end + 500)).tracked();
  }

  private boolean has(String id, long end) {
    return ends.has(id, Seen.at(end), Instant.MIN);
  }

  private void add(int from, int to) {
    for (int i = from; i < to; i++) {
      ends.add("order-" + i, listed(1_000L * i));
    }
  }

  /** Stores the changes for the next process. Returns their number. */
  private int write() {
    Map<InstanceKey, Optional<Checkpoint>> changes = ends.changes(ORDERS);
    changes.forEach(
        (key, checkpoint) -> {
          stored.remove(key);
          checkpoint.ifPresent(value -> stored.put(key, value));
        });
    return changes.size();
  }

  private void restart() {
    ends = new PublishedEndIndex(MAX_ENDS);
    stored.values().forEach(each -> ends.restore(each.getEnds()));
  }

  @Test
  void endIsIdentifiedByInstanceAndTime() {
    ends.add("order-1", listed(5_000));
    assertThat(has("order-1", 5_000)).isTrue();
    assertThat(has("order-1", 42_000)).isFalse();
    assertThat(has("order-2", 5_000)).isFalse();
  }

  @Test
  void endsOfRowAndDetailMayDifferByMilliseconds() {
    ends.add("order-1", listed(5_099));
    assertThat(has("order-1", 5_199)).isTrue();
    assertThat(has("order-1", 4_999)).isTrue();
    assertThat(has("order-1", 5_300)).isFalse();
    assertThat(has("order-1", 4_899)).isFalse();
  }

  @Test
  void differentEndsOfRowAndDetailAreBothKnown() {
    Seen detail = Seen.status("complete").endedAt(7_000);
    TrackedInstance tracked =
        ChangeDetection.detail(RUN, listed(5_000), Optional.empty(), detail.detailAt(8_000))
            .tracked();
    ends.add("order-1", TrackedInstance.of(tracked.toCheckpoint(RUN)));
    assertThat(has("order-1", 5_000)).isTrue();
    assertThat(has("order-1", 7_000)).isTrue();
    assertThat(has("order-1", 6_000)).isFalse();
  }

  @Test
  void rowWithoutTimesRemovesNoKnownEnd() {
    Seen bare = Seen.status("complete").withoutCreation();
    TrackedInstance tracked = ChangeDetection.row(RUN, listed(5_000), bare.rowAt(9_000)).tracked();
    ends.add("order-1", tracked);
    assertThat(has("order-1", 5_000)).isTrue();
    assertThat(has("order-1", 6_000)).isFalse();
  }

  @Test
  void detailEndIsUsedIfRowHasNone() {
    TrackedInstance live =
        ChangeDetection.row(RUN, TrackedInstance.NONE, Seen.status("running").rowAt(10)).tracked();
    Seen detail = Seen.status("complete").endedAt(7_000);
    TrackedInstance tracked =
        ChangeDetection.detail(RUN, live, Optional.empty(), detail.detailAt(8_000)).tracked();
    ends.add("order-1", TrackedInstance.of(tracked.toCheckpoint(RUN)));
    assertThat(has("order-1", 7_000)).isTrue();
    assertThat(has("order-1", 9_000)).isFalse();
  }

  @Test
  void rowWithoutEndIsKnownByModifiedTime() {
    Seen seen = Seen.status("terminated").modifiedAt(5_000);
    ends.add(
        "order-1", ChangeDetection.row(RUN, TrackedInstance.NONE, seen.rowAt(6_000)).tracked());
    assertThat(has("order-1", 5_000)).isTrue();
    assertThat(has("order-1", 6_000)).isFalse();
  }

  @Test
  void runWithoutEndCoversAllEndsBeforeItWasSeen() {
    Seen seen = Seen.status("terminated");
    ends.add(
        "order-1", ChangeDetection.row(RUN, TrackedInstance.NONE, seen.rowAt(6_000)).tracked());
    write();
    restart();
    assertThat(has("order-1", 6_000)).isTrue();
    assertThat(has("order-1", 4_000)).isTrue();
    assertThat(has("order-1", 9_000)).isFalse();
    assertThat(has("order-2", 6_000)).isFalse();
  }

  @Test
  void endsBeforeFirstStartBlockCountAsPublished() {
    assertThat(has("order-1", 0)).isTrue();
    assertThat(has("order-1", 1)).isFalse();
    ends.startBlock(Seen.at(5_000));
    assertThat(has("order-1", 5_000)).as("the first startBlock counts").isFalse();
    assertThat(new PublishedEndIndex(MAX_ENDS).has("order-1", Seen.at(0), Seen.at(0))).isTrue();
    assertThat(new PublishedEndIndex(MAX_ENDS).has("order-1", Seen.at(5_000), Seen.at(0)))
        .isFalse();
  }

  @Test
  void nextProcessRestoresWrittenEnds() {
    add(1, 300);
    assertThat(write()).isEqualTo(3);
    assertThat(write()).as("nothing new").isZero();
    add(300, 310);
    assertThat(write()).as("the block that is not full").isEqualTo(1);

    restart();
    add(310, 311);
    assertThat(write()).isEqualTo(1);
    assertThat(stored).hasSize(3);
    restart();
    for (int i = 1; i < 311; i++) {
      assertThat(has("order-" + i, 1_000L * i)).isTrue();
      assertThat(has("order-" + i, 1_000L * i + 500)).isFalse();
    }
    assertThat(has("order-1", 0)).isTrue();
  }

  @Test
  void oldestEndsAreEvictedAndCountAsPublished() {
    add(1, MAX_ENDS + 1);
    write();
    assertThat(has("order-2", 1_000)).isFalse();

    ends.add("newest", listed(MUCH_LATER));
    write();
    restart();
    assertThat(stored).hasSize(MAX_ENDS / PublishedEndIndex.PER_BLOCK);
    assertThat(has("order-2", 1_000)).isTrue();
    long firstRetained = PublishedEndIndex.PER_BLOCK + 1;
    assertThat(has("order-" + firstRetained, 1_000 * firstRetained)).isTrue();
    assertThat(has("order-2", 1_000 * firstRetained)).isFalse();
  }

  @Test
  void endsNoLongerListedAreDropped() {
    add(1, 300);
    write();
    ends.dropBefore(Seen.at(200_000));
    assertThat(write()).as("one dropped block and the lower bound").isEqualTo(2);
    restart();
    assertThat(stored).hasSize(2);
    assertThat(has("order-2", 128_000)).isTrue();
    assertThat(has("order-2", 129_000)).isFalse();
    ends.dropBefore(Seen.at(MUCH_LATER));
    write();
    assertThat(stored).as("the lower bound is stored with a block").hasSize(1);
  }

  @Test
  void startBlockIsStoredEvenIfNothingWasEvicted() {
    write();
    restart();
    ends.startBlock(Seen.at(5_000));
    assertThat(has("order-1", 0)).isTrue();
    assertThat(has("order-1", 5_000)).isFalse();
  }

  @Test
  void knownEndsTakeNoSpace() {
    for (int i = 0; i < 300; i++) {
      ends.add("order-1", listed(5_000));
      ends.add("of the past", Seen.at(-5_000));
    }
    assertThat(write()).isEqualTo(1);
  }

  @Test
  void clearRemovesAllEndsOfWorkflow() {
    add(1, 300);
    write();
    ends.dropBefore(Seen.at(200_000));
    assertThat(ends.clear(ORDERS)).containsExactlyInAnyOrderElementsOf(stored.keySet());
    assertThat(has("order-1", 1_000)).isFalse();
  }
}
