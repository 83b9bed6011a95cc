package io.flowmeter.streams;

import java.io.Serial;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Stores cannot be written, since their disk takes no more. All of them are in Kafka, so that
 * nothing is lost: the topology goes on as soon as there is room.
 */
public final class FullDiskException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** The system's words for ENOSPC, EDQUOT and EFBIG, which Java and RocksDB pass on. */
  private static final Pattern FULL =
      Pattern.compile("No space left on device|Disk quota exceeded|File too large");

  private FullDiskException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The same failure with what to do, where a full disk is behind it; else the failure itself.
   *
   * @param stores the directory that holds the directories of tasks
   */
  static Throwable explained(Throwable failure, Path stores) {
    return reason(failure)
        .<Throwable>map(
            reason ->
                new FullDiskException(
                    "the disk of %s takes no more: %s. Make room there, or let stream.state.dir lie on a larger disk. Nothing is lost: stores are in Kafka, too"
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
