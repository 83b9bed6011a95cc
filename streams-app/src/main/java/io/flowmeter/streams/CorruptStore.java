package io.flowmeter.streams;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * A RocksDB store that is incomplete on disk: the process died while creating it, or the disk lost
 * a part of it. Every store has a changelog, so no data is lost if its task directory is removed.
 * Kafka Streams then restores the task as on a new machine.
 *
 * <p>Kafka Streams handles stores that fail at run time, and stores that were not closed. A store
 * that RocksDB refuses to open at startup is fatal to it.
 *
 * @param taskDirectory the directory to remove; it holds all stores of the task, which belong
 *     together
 * @param reason RocksDB's message
 */
record CorruptStore(String store, Path taskDirectory, String reason) {
  private static final Pattern OPEN_FAILURE =
      Pattern.compile("Error opening store (\\S+) at location (.+)");

  private static final Pattern TASK = Pattern.compile("\\d+_\\d+");

  /**
   * Returns the store that made a start fail. Returns empty for any other cause: a full or
   * unreadable disk, or too few file handles, is no reason to remove anything.
   *
   * @param stores the directory that holds the task directories
   */
  static Optional<CorruptStore> of(Throwable failure, Path stores) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      Matcher openFailure = OPEN_FAILURE.matcher(String.valueOf(at.getMessage()));
      if (at instanceof ProcessorStateException
          && at.getCause() instanceof RocksDBException cause
          && isCorrupt(cause)
          && openFailure.matches()) {
        return taskDirectory(Path.of(openFailure.group(2)), stores)
            .map(
                directory -> new CorruptStore(openFailure.group(1), directory, cause.getMessage()));
      }
    }
    return Optional.empty();
  }

  private static boolean isCorrupt(RocksDBException failure) {
    return failure.getStatus() != null && failure.getStatus().getCode() == Status.Code.Corruption;
  }

  private static Optional<Path> taskDirectory(Path store, Path stores) {
    Path base = stores.toAbsolutePath().normalize();
    Path storePath = store.toAbsolutePath().normalize();
    if (!storePath.startsWith(base) || storePath.equals(base)) {
      return Optional.empty();
    }
    Path task = base.relativize(storePath).getName(0);
    return TASK.matcher(task.toString()).matches()
        ? Optional.of(base.resolve(task))
        : Optional.empty();
  }

  void removeTask() {
    try {
      Files.walkFileTree(
          taskDirectory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.delete(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot remove the corrupt state stores in %s (%s). Remove the directory by hand; Kafka has their changelogs"
              .formatted(taskDirectory, reason),
          e);
    }
  }
}
