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
 * A store on disk that is only half there, since a process died while it was made, or since the
 * disk lost a part of it. Every store of the topology is in a changelog, so that nothing is lost
 * with the directory of its task: Kafka Streams restores the task as on a machine that is new.
 *
 * <p>Kafka Streams does that by itself for a store that breaks while it runs, and for one that was
 * not closed. One that RocksDB refuses to open at the start is fatal to it.
 *
 * @param store the store's name
 * @param taskDirectory what is to be removed: all stores of the task, for they belong together
 * @param reason in RocksDB's words
 */
record CorruptStore(String store, Path taskDirectory, String reason) {
  private static final Pattern REFUSED =
      Pattern.compile("Error opening store (\\S+) at location (.+)");

  private static final Pattern TASK = Pattern.compile("\\d+_\\d+");

  /**
   * The store that a start failed with; empty where it failed otherwise: a disk that is full or
   * cannot be read, or too few file handles, is no reason to remove anything.
   *
   * @param stores the directory that holds the directories of tasks
   */
  static Optional<CorruptStore> of(Throwable failure, Path stores) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      Matcher refused = REFUSED.matcher(String.valueOf(at.getMessage()));
      if (at instanceof ProcessorStateException
          && at.getCause() instanceof RocksDBException cause
          && isCorrupt(cause)
          && refused.matches()) {
        return taskDirectory(Path.of(refused.group(2)), stores)
            .map(directory -> new CorruptStore(refused.group(1), directory, cause.getMessage()));
      }
    }
    return Optional.empty();
  }

  private static boolean isCorrupt(RocksDBException failure) {
    return failure.getStatus() != null && failure.getStatus().getCode() == Status.Code.Corruption;
  }

  private static Optional<Path> taskDirectory(Path store, Path stores) {
    Path base = stores.toAbsolutePath().normalize();
    Path place = store.toAbsolutePath().normalize();
    if (!place.startsWith(base) || place.equals(base)) {
      return Optional.empty();
    }
    Path task = base.relativize(place).getName(0);
    return TASK.matcher(task.toString()).matches()
        ? Optional.of(base.resolve(task))
        : Optional.empty();
  }

  /** Removes all stores of its task. */
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
          "the stores in %s are broken (%s) and cannot be removed; they are in Kafka, too, and may be removed by hand"
              .formatted(taskDirectory, reason),
          e);
    }
  }
}
