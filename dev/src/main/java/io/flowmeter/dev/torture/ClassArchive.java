package io.flowmeter.dev.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The classes of a command as a first life has loaded them (class data sharing), which lets later
 * lives start sooner: how often a process can be killed in a minute is a matter of its start.
 */
record ClassArchive(Path file) {

  /** Of a command; not there yet. */
  static ClassArchive of(Path home, String command) {
    return new ClassArchive(home.resolve(command + ".jsa"));
  }

  /** What a JVM is started with to make use of it, if it is there. */
  List<String> use() {
    return Files.exists(file) ? List.of("-XX:SharedArchiveFile=" + file) : List.of();
  }

  /** What a JVM is started with that is to write it when it ends in order. */
  List<String> write() {
    return List.of("-XX:ArchiveClassesAtExit=" + unfinished());
  }

  /** Takes what was written; without it all goes on more slowly. */
  void take() {
    try {
      if (Files.exists(unfinished())) {
        Files.move(unfinished(), file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the archive of classes cannot be moved to " + file, e);
    }
  }

  private Path unfinished() {
    return file.resolveSibling(file.getFileName() + ".unfinished");
  }
}
