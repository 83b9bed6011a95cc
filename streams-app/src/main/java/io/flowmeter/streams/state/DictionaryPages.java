package io.flowmeter.streams.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Values of any length in a store whose values are not: what is longer than a page lies in several.
 * What belongs together has one key of {@link #KEY} bytes, and is in pieces that are written one by
 * one; piece 0 is always there. In the store follow on the key: nothing for the first page of piece
 * 0; the piece's number, 4 bytes, for the first page of another; and the page's number, 2 bytes,
 * behind that for all other pages. The first page of a piece begins with the format, one byte, and
 * the number of pages.
 */
public final class DictionaryPages {
  /** Bytes of a key. */
  public static final int KEY = 24;

  /** Bytes of a page: Kafka's and RocksDB's records stay far below what these take well. */
  static final int PAGE = 64 * 1024;

  private static final int FORMAT = 1;
  private static final int PIECE_KEY = KEY + Integer.BYTES;
  private static final byte[] HIGHEST = new byte[Integer.BYTES + Short.BYTES];

  static {
    Arrays.fill(HIGHEST, (byte) 0xff);
  }

  private final KeyValueStore<Bytes, byte[]> store;

  public DictionaryPages(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /**
   * A piece as it was read.
   *
   * @param pages how many it lies in
   */
  public record Piece(int number, byte[] content, int pages) {}

  /** Piece 0; empty where there is none. */
  public Optional<Piece> first(Bytes key) {
    byte[] page = store.get(key);
    if (page == null) {
      return Optional.empty();
    }
    ByteReader in = start(page);
    int pages = (int) in.unsigned();
    byte[] content = in.rest();
    for (int i = 1; i < pages; i++) {
      content = joined(content, store.get(pageKey(key, 0, i)));
    }
    return Optional.of(new Piece(0, content, pages));
  }

  /** All pieces but the first, by their numbers. */
  public List<Piece> others(Bytes key) {
    List<Piece> pieces = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> stored = store.range(pieceKey(key, 1), last(key))) {
      while (stored.hasNext()) {
        KeyValue<Bytes, byte[]> page = stored.next();
        if (page.key.get().length == PIECE_KEY) {
          ByteReader in = start(page.value);
          int pages = (int) in.unsigned();
          pieces.add(new Piece(ByteBuffer.wrap(page.key.get()).getInt(KEY), in.rest(), pages));
        } else {
          Piece sofar = pieces.remove(pieces.size() - 1);
          pieces.add(new Piece(sofar.number(), joined(sofar.content(), page.value), sofar.pages()));
        }
      }
    }
    return pieces;
  }

  /**
   * Writes a piece.
   *
   * @param before in how many pages it lay until now; 0 where it is new
   * @return how many it lies in
   */
  public int put(Bytes key, int piece, byte[] content, int before) {
    int pages = Math.max(1, (content.length + PAGE - 1) / PAGE);
    ByteWriter first = new ByteWriter();
    first.octet(FORMAT);
    first.unsigned(pages);
    first.raw(Arrays.copyOf(content, Math.min(PAGE, content.length)));
    store.put(pageKey(key, piece, 0), first.toBytes());
    for (int i = 1; i < pages; i++) {
      store.put(
          pageKey(key, piece, i),
          Arrays.copyOfRange(content, i * PAGE, Math.min((i + 1) * PAGE, content.length)));
    }
    deletePages(key, piece, pages, before);
    return pages;
  }

  /** Deletes a piece that lies in so many pages. */
  public void delete(Bytes key, int piece, int pages) {
    deletePages(key, piece, 0, pages);
  }

  /** Deletes all that has the key. */
  public void delete(Bytes key) {
    store.delete(key);
    try (KeyValueIterator<Bytes, byte[]> stored = store.range(pageKey(key, 0, 1), last(key))) {
      stored.forEachRemaining(page -> store.delete(page.key));
    }
  }

  private void deletePages(Bytes key, int piece, int from, int to) {
    for (int i = from; i < to; i++) {
      store.delete(pageKey(key, piece, i));
    }
  }

  /** The content of a first page, as far as it is in it. */
  static ByteReader start(byte[] page) {
    ByteReader in = new ByteReader(page);
    int format = in.octet();
    if (format != FORMAT) {
      throw UnreadableStateException.ofFormat("a run", FORMAT, format);
    }
    return in;
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] joined = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, joined, one.length, other.length);
    return joined;
  }

  private static Bytes pageKey(Bytes key, int piece, int page) {
    if (page == 0) {
      return piece == 0 ? key : pieceKey(key, piece);
    }
    return Bytes.wrap(
        ByteBuffer.allocate(PIECE_KEY + Short.BYTES)
            .put(key.get())
            .putInt(piece)
            .putShort((short) page)
            .array());
  }

  private static Bytes pieceKey(Bytes key, int piece) {
    return Bytes.wrap(ByteBuffer.allocate(PIECE_KEY).put(key.get()).putInt(piece).array());
  }

  private static Bytes last(Bytes key) {
    return Bytes.wrap(
        ByteBuffer.allocate(KEY + HIGHEST.length).put(key.get()).put(HIGHEST).array());
  }
}
