package io.flowmeter.streams.deadletter;

import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.state.Replayed;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Which letters of a partition were replayed: all before an offset, but for what filters left out.
 */
final class ReplayedDeadLetters {
  /** Brokers take records of a MiB by default. */
  private static final int MOST_KEPT_BYTES = 900_000;

  private static final int MOST_BYTES = 64 << 20;

  private final long base;
  private final BitSet left = new BitSet();
  private long next;

  private ReplayedDeadLetters(long base, long next) {
    this.base = base;
    this.next = next;
  }

  /** None yet of a partition whose first letter has this offset. */
  static ReplayedDeadLetters none(long first) {
    return new ReplayedDeadLetters(first, first);
  }

  /**
   * What was kept.
   *
   * @throws DeadLetterReplayException if no replay wrote it
   */
  static ReplayedDeadLetters of(Replayed kept) {
    ReplayedDeadLetters replayed = new ReplayedDeadLetters(kept.getFirst(), kept.getNext());
    ByteBuffer left = kept.getLeft().duplicate();
    if (left.hasRemaining()) {
      byte[] bits = new byte[left.remaining()];
      left.get(bits);
      replayed.left.or(BitSet.valueOf(inflated(bits)));
    }
    return replayed;
  }

  /** Whether the letter was replayed, or looked at and found to be none that can be. */
  boolean contains(long offset) {
    return offset < next && !(offset >= base && left.get(index(offset)));
  }

  /** The letter is done with. */
  void add(long offset) {
    if (offset >= base) {
      left.clear(index(offset));
    }
    next = Math.max(next, offset + 1);
  }

  /** The letter is left for another replay. */
  void leave(long offset) {
    left.set(index(offset));
    next = Math.max(next, offset + 1);
  }

  /** The first letter that is left, or where the next one will be. */
  long first() {
    return left.isEmpty() ? next : base + left.nextSetBit(0);
  }

  /**
   * What to keep.
   *
   * @throws DeadLetterReplayException where it takes more room than there is
   */
  Replayed kept() {
    long first = first();
    byte[] bits =
        left.isEmpty()
            ? new byte[0]
            : deflated(left.get(index(first), left.length()).toByteArray());
    if (bits.length > MOST_KEPT_BYTES) {
      throw new DeadLetterReplayException(
          "expected letters that can be remembered as replayed, but those that the filters leave out"
              + " lie too scattered among them. Nothing more was replayed: replay with an earlier"
              + " --until, or without filters");
    }
    return new Replayed(first, next, ByteBuffer.wrap(bits));
  }

  private int index(long offset) {
    return Math.toIntExact(offset - base);
  }

  private static byte[] deflated(byte[] bits) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(bits);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[4_096];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static byte[] inflated(byte[] bits) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bits);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[4_096];
      while (!inflater.finished() && out.size() < MOST_BYTES) {
        int bytes = inflater.inflate(buffer);
        if (bytes == 0 && !inflater.finished()) {
          throw notOurs(null);
        }
        out.write(buffer, 0, bytes);
      }
      return out.toByteArray();
    } catch (DataFormatException e) {
      throw notOurs(e);
    } finally {
      inflater.end();
    }
  }

  private static DeadLetterReplayException notOurs(Exception cause) {
    return new DeadLetterReplayException(
        "expected deflated bits as a replay wrote them to the topic "
            + Topics.REPLAYS
            + ", came other bytes: something else wrote to it. Delete the topic and run flowmeter migrate:"
            + " then no letter counts as replayed",
        cause);
  }
}
