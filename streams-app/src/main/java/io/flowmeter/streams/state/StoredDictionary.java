package io.flowmeter.streams.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * A dictionary in a store. Its key is the workflow's, followed by the number as 4 bytes,
 * big-endian; its value is the format, one byte, and the word as UTF-8. Words are never forgotten:
 * state may name them as long as it is kept.
 */
public final class StoredDictionary implements Dictionary {
  /**
   * So many words a workflow: a thousand step names and what else there is. Where ids are part of
   * names, what comes later is written out.
   */
  static final int MOST_WORDS = 4_000;

  private static final byte FORMAT = 1;

  private final KeyValueStore<Bytes, byte[]> store;
  private final byte[] workflow;
  private final List<String> words = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  /**
   * Reads what the store has of the workflow.
   *
   * @param workflow its key, of the same length for every workflow
   */
  public StoredDictionary(KeyValueStore<Bytes, byte[]> store, byte[] workflow) {
    this.store = store;
    this.workflow = workflow.clone();
    try (KeyValueIterator<Bytes, byte[]> kept = store.range(key(0), key(Integer.MAX_VALUE))) {
      while (kept.hasNext()) {
        KeyValue<Bytes, byte[]> entry = kept.next();
        numbers.put(word(entry.value), words.size());
        words.add(word(entry.value));
      }
    }
  }

  @Override
  public int number(String word) {
    Integer known = numbers.get(word);
    if (known != null) {
      return known;
    }
    if (words.size() >= MOST_WORDS) {
      return NONE;
    }
    int number = words.size();
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    store.put(key(number), ByteBuffer.allocate(1 + utf8.length).put(FORMAT).put(utf8).array());
    words.add(word);
    numbers.put(word, number);
    return number;
  }

  @Override
  public String word(int number) {
    if (number >= words.size()) {
      throw new UnreadableStateException(
          "expected one of "
              + words.size()
              + " words of the workflow's dictionary, came number "
              + number);
    }
    return words.get(number);
  }

  private Bytes key(int number) {
    return Bytes.wrap(
        ByteBuffer.allocate(workflow.length + Integer.BYTES).put(workflow).putInt(number).array());
  }

  private static String word(byte[] value) {
    int format = new ByteReader(value).octet();
    if (format != FORMAT) {
      throw UnreadableStateException.ofFormat("a word", FORMAT, format);
    }
    return new String(value, 1, value.length - 1, StandardCharsets.UTF_8);
  }
}
