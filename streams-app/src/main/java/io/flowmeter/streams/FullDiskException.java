package io.flowmeter.streams;

import java.io.Serial;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Stores cannot be written because their disk is full. No data is lost, because every store has a
 * changelog in Kafka. The topology continues when space is available.
 */
public final class FullDiskException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Operating system messages for ENOSPC, EDQUOT and EFBIG, as passed on by Java and RocksDB. */
  private static final Pattern FULL =
      Pattern.compile("No space left on device|Disk quota exceeded|File too large");

  private FullDiskException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Wraps the failure with instructions if its cause is a full disk. Returns any other failure
   * unchanged.
   *
   * @param stores the directory that holds the task directories
   */
  static Throwable explained(Throwable failure, Path stores) {
    return reason(failure)
        .<Throwable>map(
            reason ->
                new FullDiskException(
                    "the disk of %s is full: %s. Free space, or move stream.state.dir to a larger disk. No data is lost: Kafka has the changelogs of all stores"
                        .formatted(stores, reason),
                    failure))
        .orElse(failure);
  }

  private static Optional<String> reason(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (FULL.matcher(message).find()) {
        return Optional.of(message);
      }
    }
    return Optional.empty();
  }
}
