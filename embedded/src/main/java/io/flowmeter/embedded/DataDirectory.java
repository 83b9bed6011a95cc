package io.flowmeter.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data directory of one service. It is created if missing, checked for free space, and owned by
 * one process at a time.
 */
final class DataDirectory implements AutoCloseable {
  static final long MINIMUM_FREE_BYTES = 512L << 20;
  static final String LOCK_FILE = "owner.lock";

  /**
   * The directories claimed in this JVM. Closing any channel of a file releases the process's lock
   * on it, so a second claim in this JVM must not open the file.
   */
  private static final Set<Path> CLAIMED_HERE = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;

  private DataDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Claims the directory for the service.
   *
   * @throws EmbeddedServiceException if it cannot be written, has too little space, or is in use
   */
  static DataDirectory claim(String service, Path directory) {
    Path path = existing(service, directory);
    requireFreeSpace(service, path, usableSpace(service, path));
    if (!CLAIMED_HERE.add(path)) {
      throw inUse(service, path, "this process");
    }
    try {
      FileChannel channel =
          FileChannel.open(
              path.resolve(LOCK_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        String owner = read(channel);
        channel.close();
        throw inUse(service, path, "process " + owner);
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      return new DataDirectory(path, channel);
    } catch (IOException e) {
      CLAIMED_HERE.remove(path);
      throw unwritable(service, path, e);
    } catch (RuntimeException e) {
      CLAIMED_HERE.remove(path);
      throw e;
    }
  }

  Path path() {
    return path;
  }

  Path resolve(String child) {
    return path.resolve(child);
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not release the lock on " + path, e);
    } finally {
      CLAIMED_HERE.remove(path);
    }
  }

  static void requireFreeSpace(String service, Path path, long usable) {
    if (usable < MINIMUM_FREE_BYTES) {
      throw new EmbeddedServiceException(
          "%s requires at least %d MiB of free disk space to start, but %s has %d MiB. Free some space, or choose another data directory."
              .formatted(service, MINIMUM_FREE_BYTES >> 20, path, usable >> 20));
    }
  }

  private static Path existing(String service, Path directory) {
    try {
      // Uses the real path, so that one directory under two names is one claim.
      return Files.createDirectories(directory).toRealPath();
    } catch (IOException e) {
      throw unwritable(service, directory, e);
    }
  }

  private static long usableSpace(String service, Path path) {
    try {
      return Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      throw unwritable(service, path, e);
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(32);
    channel.read(bytes, 0);
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }

  private static EmbeddedServiceException inUse(String service, Path path, String owner) {
    return new EmbeddedServiceException(
        "%s requires exclusive use of the data directory %s, but %s uses it. Stop that process, or choose another data directory."
            .formatted(service, path, owner));
  }

  private static EmbeddedServiceException unwritable(String service, Path path, IOException cause) {
    return new EmbeddedServiceException(
        "%s requires a writable data directory, but %s failed: %s. Check its owner and mode, or choose another data directory."
            .formatted(service, path, cause),
        cause);
  }
}
