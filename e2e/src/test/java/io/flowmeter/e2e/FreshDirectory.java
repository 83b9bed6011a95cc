package io.flowmeter.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory of the build in which a test begins anew; what it leaves can be looked at. */
public final class FreshDirectory {

  private FreshDirectory() {}

  /** Makes the directory, without what an earlier run left in it. */
  public static void at(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
    Files.createDirectories(directory);
  }
}
