package io.flowmeter.cli.data;

import io.flowmeter.cli.settings.SecretFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A directory of {@code up} that this process has for itself until it closes it. */
public final class UpDirectory implements AutoCloseable {
  /** The file with the password of our own server's read-only user. */
  public static final String READER_PASSWORD = "reader.password";

  private static final String LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  private static final String LOCK_FILE = "lock";
  private static final int PASSWORD_LENGTH = 24;
  private static final Duration TRY_AGAIN = Duration.ofMillis(50);

  /** What a directory that is ours alone can hold by the time it is claimed. */
  private static final Set<String> OURS =
      Set.of(
          LOCK_FILE,
          "logs",
          "flowmeter.properties",
          READER_PASSWORD,
          "writer.password",
          "kafka",
          "registry",
          "clickhouse",
          "streams");

  /**
   * Directories claimed in this JVM. Their lock files must not be opened again: closing any channel
   * of a file drops the whole process's lock on it.
   */
  private static final Set<Path> CLAIMED_HERE = ConcurrentHashMap.newKeySet();

  /** What is kept of an account's instances is nobody else's business on a shared machine. */
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path path;
  private final FileChannel lock;

  private UpDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a directory, and those above it, where they are missing: for its owner alone.
   *
   * @throws IOException where that cannot be
   */
  public static Path make(Path directory) throws IOException {
    return Files.createDirectories(directory, OWNER_ONLY);
  }

  /**
   * Makes the directory of a file in the same way, and looks whether the file can be written.
   *
   * @throws UnusableDirectoryException where it cannot
   */
  public static void makeFor(Path file) {
    try {
      make(file.toAbsolutePath().getParent());
      FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    } catch (IOException e) {
      throw unwritable(file.getParent(), e);
    }
  }

  private static UnusableDirectoryException unwritable(Path directory, IOException why) {
    return new UnusableDirectoryException(
        "expected a directory that can be written at %s, but: %s. Choose another --data."
            .formatted(directory, why),
        why);
  }

  /**
   * Takes the directory, making it where it is missing.
   *
   * @return empty where another has it
   * @throws UnusableDirectoryException where it cannot be written
   */
  public static synchronized Optional<UpDirectory> claim(Path directory) {
    try {
      Path path = make(directory).toRealPath();
      if (!CLAIMED_HERE.add(path)) {
        return Optional.empty();
      }
      try {
        FileChannel channel =
            FileChannel.open(
                path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
          channel.close();
          CLAIMED_HERE.remove(path);
          return Optional.empty();
        }
        // Left by a process that was killed.
        Files.deleteIfExists(RunningServices.file(path));
        return Optional.of(new UpDirectory(path, channel));
      } catch (IOException | RuntimeException e) {
        CLAIMED_HERE.remove(path);
        throw e;
      }
    } catch (IOException e) {
      throw unwritable(directory, e);
    }
  }

  /**
   * The same with patience: who only looks whether it is in use has it for a moment, too.
   *
   * @return empty where another had it all the time
   */
  public static Optional<UpDirectory> claim(Path directory, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    Optional<UpDirectory> claimed = claim(directory);
    while (claimed.isEmpty()
        && System.nanoTime() < until
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(TRY_AGAIN.toNanos());
      claimed = claim(directory);
    }
    return claimed;
  }

  /**
   * Whether some process has the directory just now. Looking takes a shared lock for a moment.
   *
   * @throws UnusableDirectoryException where it cannot be read
   */
  static synchronized boolean isClaimed(Path directory) {
    try {
      Path path = directory.toRealPath();
      if (CLAIMED_HERE.contains(path)) {
        return true;
      }
      try (FileChannel channel =
              FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.READ);
          FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
        return shared == null;
      }
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UnusableDirectoryException(
          "cannot find out whether " + directory + " is in use: " + e, e);
    }
  }

  public Path path() {
    return path;
  }

  public Path resolve(String child) {
    return path.resolve(child);
  }

  public Optional<DataDirectoryManifest> manifest() {
    return manifest(path);
  }

  /** What a directory remembers, also while another has it. */
  public static Optional<DataDirectoryManifest> manifest(Path directory) {
    Path file = directory.resolve("flowmeter.properties");
    return Files.exists(file) ? Optional.of(DataDirectoryManifest.read(file)) : Optional.empty();
  }

  public void writeManifest(DataDirectoryManifest now) {
    now.write(path.resolve("flowmeter.properties"));
  }

  /**
   * Keeps it out of a repository that it may lie in, for there are passwords in it. Where there is
   * something else in it, that is left to whoever put it there.
   *
   * @throws UnusableDirectoryException where it cannot be written
   */
  public void keepOutOfGit() {
    try (Stream<Path> all = Files.list(path)) {
      if (all.allMatch(each -> OURS.contains(each.getFileName().toString()))) {
        Files.writeString(path.resolve(".gitignore"), "*\n");
      }
    } catch (IOException e) {
      throw new UnusableDirectoryException("cannot write into " + path + ": " + e, e);
    }
  }

  /** Tells other commands where the parts are, until this is closed. */
  public void announce(RunningServices running) {
    running.write(RunningServices.file(path));
  }

  /** The password in the file of this name, made at the first call. */
  public String password(String name) {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      try {
        SecretFile.create(
            file,
            new SecureRandom()
                .ints(PASSWORD_LENGTH, 0, LETTERS.length())
                .mapToObj(i -> LETTERS.substring(i, i + 1))
                .collect(Collectors.joining()));
      } catch (IOException e) {
        throw new UnusableDirectoryException("cannot write " + file + ": " + e, e);
      }
    }
    return SecretFile.read(file);
  }

  public String readerPassword() {
    return password(READER_PASSWORD);
  }

  public String writerPassword() {
    return password("writer.password");
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(RunningServices.file(path));
      lock.close();
    } catch (IOException e) {
      throw new UnusableDirectoryException("cannot give back the lock on " + path + ": " + e, e);
    } finally {
      CLAIMED_HERE.remove(path);
    }
  }
}
