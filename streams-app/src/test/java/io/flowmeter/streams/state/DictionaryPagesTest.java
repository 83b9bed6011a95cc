package io.flowmeter.streams.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

class DictionaryPagesTest {
  private static final int[] LENGTHS = {
    0,
    1,
    100,
    DictionaryPages.PAGE - 1,
    DictionaryPages.PAGE,
    DictionaryPages.PAGE + 1,
    3 * DictionaryPages.PAGE,
    200_001
  };

  @Property(tries = 50, shrinking = ShrinkingMode.OFF)
  void pieceAfterPieceIsReadAsItWasWrittenLast(@ForAll Random random) {
    KeyValueStore<Bytes, byte[]> store = MemoryStore.empty();
    DictionaryPages pages = new DictionaryPages(store);
    Bytes key = key(1);
    pages.put(key(0), 0, new byte[3 * DictionaryPages.PAGE], 0);
    pages.put(key(2), 0, new byte[3 * DictionaryPages.PAGE], 0);
    long others = store.approximateNumEntries();
    Map<Integer, byte[]> written = new TreeMap<>();
    Map<Integer, Integer> lies = new TreeMap<>();
    for (int i = 0; i < 12; i++) {
      int piece = i == 0 ? 0 : random.nextInt(4);
      byte[] content = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
      random.nextBytes(content);
      lies.put(piece, pages.put(key, piece, content, lies.getOrDefault(piece, 0)));
      written.put(piece, content);
      if (random.nextInt(4) == 0 && lies.containsKey(3)) {
        pages.delete(key, 3, lies.remove(3));
        written.remove(3);
      }
    }

    List<DictionaryPages.Piece> read = new ArrayList<>(pages.others(key));
    read.add(0, pages.first(key).orElseThrow());
    assertThat(read)
        .extracting(DictionaryPages.Piece::number)
        .containsExactlyElementsOf(written.keySet());
    for (DictionaryPages.Piece piece : read) {
      assertThat(piece.content()).isEqualTo(written.get(piece.number()));
      assertThat(piece.pages()).isEqualTo(lies.get(piece.number()));
    }
    try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
      all.forEachRemaining(
          page -> assertThat(page.value.length).isLessThan(DictionaryPages.PAGE + 10));
    }

    pages.delete(key);
    assertThat(pages.first(key)).isEmpty();
    assertThat(store.approximateNumEntries()).as("what has other keys").isEqualTo(others);
  }

  private static Bytes key(int first) {
    byte[] key = new byte[DictionaryPages.KEY];
    key[0] = (byte) first;
    return Bytes.wrap(key);
  }
}
