package io.flowmeter.streams.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/**
 * The key of a run, and its form in stores: account, workflow and instance as UTF-8, each closed by
 * a zero byte, then the run as 8 bytes, big-endian. The runs of an instance, and the steps of a
 * run, so lie side by side in order.
 *
 * @param run epoch milliseconds, as ingest assigned it
 */
public record RunKey(String accountId, String workflow, String instanceId, long run) {

  /** The store key of the run. */
  public Bytes bytes() {
    byte[] instance = instancePrefix();
    return Bytes.wrap(
        ByteBuffer.allocate(instance.length + Long.BYTES).put(instance).putLong(run).array());
  }

  /** The store key of the run, followed by what the tail says. */
  public Bytes bytes(byte[] tail) {
    byte[] instance = instancePrefix();
    return Bytes.wrap(
        ByteBuffer.allocate(instance.length + Long.BYTES + tail.length)
            .put(instance)
            .putLong(run)
            .put(tail)
            .array());
  }

  /** The lowest store key of any run of the instance. */
  public Bytes firstOfInstance() {
    return new RunKey(accountId, workflow, instanceId, 0).bytes();
  }

  /** The highest store key of any run of the instance; runs are not negative. */
  public Bytes lastOfInstance() {
    return new RunKey(accountId, workflow, instanceId, Long.MAX_VALUE).bytes();
  }

  /** Reads a store key back. */
  public static RunKey of(Bytes key) {
    byte[] bytes = key.get();
    int at = bytes.length - Long.BYTES;
    String[] names = new String(bytes, 0, at, StandardCharsets.UTF_8).split("\0", -1);
    return new RunKey(
        names[0], names[1], names[2], ByteBuffer.wrap(bytes, at, Long.BYTES).getLong());
  }

  private byte[] instancePrefix() {
    return (accountId + '\0' + workflow + '\0' + instanceId + '\0')
        .getBytes(StandardCharsets.UTF_8);
  }
}
