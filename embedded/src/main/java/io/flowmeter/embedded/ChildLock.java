package io.flowmeter.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Held by a child for its whole life. A parent that was killed can be started again before its old
 * child has noticed; the new child then waits here rather than meet the old one on the same files.
 */
final class ChildLock {
  static final String FILE = "child.lock";

  private ChildLock() {}

  /** Waits for the lock, which the operating system releases when this process ends. */
  static FileLock acquire(Path directory) throws IOException {
    return FileChannel.open(
            directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
        .lock();
  }
}
