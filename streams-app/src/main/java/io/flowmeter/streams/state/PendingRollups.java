package io.flowmeter.streams.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Changes of rollups that are committed before they are told, so that a task that stops between the
 * two tells them when it goes on. The store holds as many as came at most between one telling and
 * the next, in pages: each page is numbered from 1 and names its round, and record 0 says which
 * round is under way; those of rounds before were told and are written over. A page is written anew
 * with each change, so that a store that tells Kafka only the last of what was written between two
 * commits tells it a page and not each of its changes.
 *
 * <p>In format 1 each change was a page of its own.
 */
public final class PendingRollups {
  private static final byte FORMAT = 1;
  private static final int ROUND = 0;

  /** Beyond these bytes a page takes no more: each change copies what is on it already. */
  private static final int FULL = 8 << 10;

  /** Bytes of one change: with those of a page they are well below the megabyte of a record. */
  private static final int LONGEST = 512 << 10;

  /** Minutes of what was added lie at any time. */
  private static final long EPOCH = 0;

  private final KeyValueStore<Bytes, byte[]> store;
  private long round;
  private int pages;

  /** The last page, where it takes more. */
  private ByteWriter page;

  public PendingRollups(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /** Reads, at the start, what was added and is not told yet. */
  public List<PendingRollup> read() {
    byte[] published = store.get(key(ROUND));
    round = published == null ? 0 : start(published).unsigned();
    pages = 0;
    page = null;
    List<PendingRollup> pending = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> kept = store.all()) {
      while (kept.hasNext()) {
        KeyValue<Bytes, byte[]> entry = kept.next();
        ByteReader in = start(entry.value);
        if (number(entry.key) != ROUND && in.unsigned() == round) {
          pages++;
          while (in.hasMore()) {
            pending.add(change(in));
          }
        }
      }
    }
    return pending;
  }

  /**
   * Keeps one until all are told.
   *
   * @return false where it was not kept, for Kafka takes no record that is so long
   */
  public boolean add(PendingRollup change) {
    byte[] added = bytes(change);
    if (added.length > LONGEST) {
      return false;
    }
    if (page == null || page.size() >= FULL) {
      pages++;
      page = started();
    }
    page.raw(added);
    store.put(key(pages), page.toBytes());
    return true;
  }

  private static byte[] bytes(PendingRollup change) {
    OwnWords words = new OwnWords();
    ByteWriter rows = new ByteWriter();
    new ContributionsCodec(new DictionaryEncoder(words)).write(rows, EPOCH, change.difference());
    ByteWriter out = new ByteWriter();
    out.text(change.accountId());
    out.text(change.workflow());
    out.signed(change.part());
    out.unsigned(words.all.size());
    words.all.forEach(out::text);
    out.raw(rows.toBytes());
    return out.toBytes();
  }

  private ByteWriter started() {
    ByteWriter out = new ByteWriter();
    out.octet(FORMAT);
    out.unsigned(round);
    return out;
  }

  /** All were told. */
  public void clear() {
    if (pages == 0) {
      return;
    }
    pages = 0;
    page = null;
    round++;
    store.put(key(ROUND), started().toBytes());
  }

  private static PendingRollup change(ByteReader in) {
    String accountId = in.text();
    String workflow = in.text();
    long part = in.signed();
    OwnWords words = new OwnWords();
    for (int count = in.count(); count > 0; count--) {
      words.number(in.text());
    }
    return new PendingRollup(
        accountId,
        workflow,
        part,
        new ContributionsCodec(new DictionaryEncoder(words)).read(in, EPOCH, accountId, workflow));
  }

  private static ByteReader start(byte[] value) {
    ByteReader in = new ByteReader(value);
    int format = in.octet();
    if (format != FORMAT) {
      throw UnreadableStateException.ofFormat("a page of untold changes", FORMAT, format);
    }
    return in;
  }

  private static Bytes key(int number) {
    return Bytes.wrap(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }

  private static int number(Bytes key) {
    return ByteBuffer.wrap(key.get()).getInt();
  }

  /** The words of one record, by the order in which they were first used. */
  private static final class OwnWords implements Dictionary {
    private final List<String> all = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    @Override
    public int number(String word) {
      Integer known = numbers.putIfAbsent(word, all.size());
      if (known != null) {
        return known;
      }
      all.add(word);
      return all.size() - 1;
    }

    @Override
    public String word(int number) {
      return all.get(number);
    }
  }
}
