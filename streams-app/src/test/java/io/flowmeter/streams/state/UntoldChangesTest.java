package io.flowmeter.streams.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class UntoldChangesTest {
  private final AnyState any = new AnyState(new Random(1));
  private final KeyValueStore<Bytes, byte[]> store = MemoryStore.empty();
  private final UntoldChanges changes = started();

  private UntoldChanges started() {
    UntoldChanges started = new UntoldChanges(store);
    started.read();
    return started;
  }

  private UntoldChange change(long part) {
    return new UntoldChange("account", "workflow", part, any.contributions());
  }

  @Test
  void whatWasAddedIsThereAfterAStart() {
    List<UntoldChange> added = LongStream.of(7, -8, 9).mapToObj(this::change).toList();
    added.forEach(changes::add);

    assertThat(new UntoldChanges(store).read()).containsExactlyElementsOf(added);
  }

  @Test
  void whatWasToldIsNot() {
    changes.add(change(1));
    changes.add(change(2));
    changes.told();
    UntoldChange untold = change(3);
    changes.add(untold);

    assertThat(new UntoldChanges(store).read()).containsExactly(untold);
  }

  @Test
  void aStartGoesOnInTheRoundThatWasUnderWay() {
    changes.add(change(1));
    changes.told();
    UntoldChange before = change(2);
    changes.add(before);

    UntoldChange after = change(3);
    started().add(after);

    UntoldChanges third = new UntoldChanges(store);
    assertThat(third.read()).containsExactly(before, after);
    third.told();
    assertThat(new UntoldChanges(store).read()).isEmpty();
  }

  @Test
  void whatANewerFlowmeterWroteIsNotGuessed() {
    store.put(Bytes.wrap(new byte[] {0, 0, 0, 1}), new byte[] {2, 0});

    assertThatThrownBy(() -> new UntoldChanges(store).read())
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("expected untold changes of format 1, came format 2");
  }
}
