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
 * the next: each record is numbered from 1 and names its round, and record 0 says which round is
 * under way; those of rounds before were told and are written over.
 */
public final class UntoldChanges {
  private static final byte FORMAT = 1;
  private static final int ROUND = 0;

  /** Minutes of what was added lie at any time. */
  private static final long EPOCH = 0;

  private final KeyValueStore<Bytes, byte[]> store;
  private long round;
  private int size;

  public UntoldChanges(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /** Reads, at the start, what was added and is not told yet. */
  public List<UntoldChange> read() {
    byte[] told = store.get(key(ROUND));
    round = told == null ? 0 : begin(told).unsigned();
    List<UntoldChange> untold = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> kept = store.all()) {
      while (kept.hasNext()) {
        KeyValue<Bytes, byte[]> entry = kept.next();
        ByteReader in = begin(entry.value);
        if (number(entry.key) != ROUND && in.unsigned() == round) {
          untold.add(change(in));
        }
      }
    }
    size = untold.size();
    return untold;
  }

  /** Keeps one until all are told. */
  public void add(UntoldChange change) {
    size++;
    OwnWords words = new OwnWords();
    ByteWriter rows = new ByteWriter();
    new ContributionsCodec(new Words(words)).write(rows, EPOCH, change.difference());
    ByteWriter out = new ByteWriter();
    out.octet(FORMAT);
    out.unsigned(round);
    out.text(change.accountId());
    out.text(change.workflow());
    out.signed(change.part());
    out.unsigned(words.all.size());
    words.all.forEach(out::text);
    out.raw(rows.toBytes());
    store.put(key(size), out.toBytes());
  }

  /** All were told. */
  public void told() {
    if (size == 0) {
      return;
    }
    size = 0;
    round++;
    ByteWriter out = new ByteWriter();
    out.octet(FORMAT);
    out.unsigned(round);
    store.put(key(ROUND), out.toBytes());
  }

  private static UntoldChange change(ByteReader in) {
    String accountId = in.text();
    String workflow = in.text();
    long part = in.signed();
    OwnWords words = new OwnWords();
    for (int count = in.count(); count > 0; count--) {
      words.number(in.text());
    }
    return new UntoldChange(
        accountId,
        workflow,
        part,
        new ContributionsCodec(new Words(words)).read(in, EPOCH, accountId, workflow));
  }

  private static ByteReader begin(byte[] value) {
    ByteReader in = new ByteReader(value);
    int format = in.octet();
    if (format != FORMAT) {
      throw new UnreadableStateException(
          "expected untold changes of format "
              + FORMAT
              + ", came format "
              + format
              + ": were they written by a newer Flowmeter?");
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
