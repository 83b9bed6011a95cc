package io.flowmeter.streams.error;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names what errors have in common: workflow, step, the error's name and its pattern. */
public final class ErrorGroup {
  /** 64 bits: two of a million groups share a name once in 37 million accounts. */
  private static final int BYTES = 8;

  private ErrorGroup() {}

  /**
   * The first 16 hex digits of the SHA-256 of all five, each ended by a zero byte, in UTF-8.
   *
   * @param step empty where no step failed
   * @param pattern as {@link ErrorPattern#of} gives it
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
