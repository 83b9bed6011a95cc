package io.flowmeter.ingest.privacy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * In which form ids of instances are told: as they are, or as a hash that only who has the key can
 * make of an id, since ids such as numbers of orders are soon guessed. Of one id it is always the
 * same, in every workflow.
 *
 * <p>HMAC-SHA-256 of the id's UTF-8, of which the first 128 bits are kept, as 32 hex digits: with
 * 10<sup>12</sup> ids, two of them are alike with a probability below 10<sup>−14</sup>.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2104">HMAC</a>
 */
public final class InstanceIds {
  /** As they are. */
  public static final InstanceIds KEPT = new InstanceIds(null);

  /** Characters of a key, at least. */
  public static final int SHORTEST_KEY = 16;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int BYTES = 16;

  private final SecretKeySpec key;
  private final long fingerprint;

  private InstanceIds(SecretKeySpec key) {
    this.key = key;
    this.fingerprint = key == null ? 0 : ByteBuffer.wrap(hash("")).getLong();
  }

  /**
   * Hashed.
   *
   * @param key the same in all processes, for good
   * @throws IllegalArgumentException where it is too short; the message does not hold it
   */
  public static InstanceIds hashed(String key) {
    if (key.length() < SHORTEST_KEY) {
      throw new IllegalArgumentException(
          "expected a key of at least %d characters, came one of %d"
              .formatted(SHORTEST_KEY, key.length()));
    }
    return new InstanceIds(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
  }

  /** What is told in place of an id; the empty one, of what is no instance, stays. */
  public String publicId(String id) {
    return key == null || id.isEmpty()
        ? id
        : HexFormat.of().formatHex(Arrays.copyOf(hash(id), BYTES));
  }

  /** Tells apart whether and with which key ids are hashed; 0 where they are not. */
  public long fingerprint() {
    return fingerprint;
  }

  private byte[] hash(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
    }
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return key == null ? "kept" : "hashed";
  }
}
