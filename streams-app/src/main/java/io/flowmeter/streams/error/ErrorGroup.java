package io.flowmeter.streams.error;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Identifies an error group by workflow, step, error name and message pattern. */
public final class ErrorGroup {
  /**
   * 64 bits: in an account with a million groups, the probability of a collision is 1 in 37
   * million.
   */
  private static final int BYTES = 8;

  private ErrorGroup() {}

  /**
   * Returns the first 16 hex digits of the SHA-256 of all five values, in UTF-8, each followed by a
   * zero byte.
   *
   * @param step empty if no step failed
   * @param pattern result of {@link ErrorPattern#of}
   */
  public static String of(
      String accountId, String workflow, String step, String errorName, String pattern) {
    MessageDigest digest = sha256();
    for (String part : new String[] {accountId, workflow, step, errorName, pattern}) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("expected SHA-256, which every Java has", e);
    }
  }
}
