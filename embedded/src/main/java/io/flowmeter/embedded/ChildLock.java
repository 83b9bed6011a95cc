package io.flowmeter.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A lock that a child holds while it runs. A killed parent can be started again before its old
 * child has ended. The new child then waits for this lock, so that both never use the same files.
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
