package io.flowmeter.streams.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/**
 * The key of a run, and its form in stores: the first 16 bytes of a SHA-256 of account, workflow
 * and instance, each closed by a zero byte, then the run as 8 bytes, big-endian. So keys are short,
 * and the runs of an instance lie side by side in order. Names cannot be had back from it: they
 * come with each observation.
 *
 * @param run epoch milliseconds, as ingest assigned it
 */
public record RunKey(String accountId, String workflow, String instanceId, long run) {
  /** Bytes of a store key. */
  static final int BYTES = Hash.BYTES + Long.BYTES;

  private static final byte[] NO_TAIL = {};

  /** The store key of the run. */
  public Bytes bytes() {
    return bytes(NO_TAIL);
  }

  /** The store key of the run, followed by what the tail says. */
  Bytes bytes(byte[] tail) {
    return Bytes.wrap(
        ByteBuffer.allocate(BYTES + tail.length).put(instance()).putLong(run).put(tail).array());
  }

  /** Another run of the instance. */
  RunKey of(long otherRun) {
    return new RunKey(accountId, workflow, instanceId, otherRun);
  }

  /** The run of a store key, with or without a tail. */
  public static long run(Bytes key) {
    return ByteBuffer.wrap(key.get()).getLong(Hash.BYTES);
  }

  /** The instance of a store key, with or without a tail. */
  static Bytes instance(Bytes key) {
    return Bytes.wrap(Arrays.copyOf(key.get(), Hash.BYTES));
  }

  /** What names the run's instance in stores: a store key begins with it. */
  Bytes instanceBytes() {
    return Bytes.wrap(instance());
  }

  /** What names the run's workflow in stores. */
  byte[] workflowBytes() {
    return Hash.of(accountId, workflow);
  }

  private byte[] instance() {
    return Hash.of(accountId, workflow, instanceId);
  }

  /** Names in few bytes. Ids are chosen by users: nobody finds two of the same SHA-256. */
  private static final class Hash {
    private static final int BYTES = 16;

    private Hash() {}

    private static byte[] of(String... names) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String name : names) {
          digest.update(name.getBytes(StandardCharsets.UTF_8));
          digest.update((byte) 0);
        }
        return Arrays.copyOf(digest.digest(), BYTES);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java runtime has SHA-256", e);
      }
    }
  }
}
