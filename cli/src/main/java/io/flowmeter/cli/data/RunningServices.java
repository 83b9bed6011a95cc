package io.flowmeter.cli.data;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * Where the parts of a running {@code up} are. The file of it is only believed while the directory
 * is claimed: one that was killed leaves it behind.
 *
 * @param pid the process of {@code up}
 * @param kafka empty while it is still starting
 * @param registry empty while it is still starting
 */
public record RunningServices(
    long pid, Optional<String> kafka, Optional<String> registry, String clickHouse) {

  static Path file(Path directory) {
    return directory.resolve("running.properties");
  }

  /** Empty while nothing is announced. */
  public static Optional<RunningServices> in(Path directory) {
    if (!UpDirectory.isClaimed(directory)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(file(directory))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UnusableDirectoryException("cannot read " + file(directory) + ": " + e, e);
    }
    return Optional.of(
        new RunningServices(
            Long.parseLong(properties.getProperty("pid", "0")),
            Optional.ofNullable(properties.getProperty("kafka")),
            Optional.ofNullable(properties.getProperty("registry")),
            properties.getProperty("clickhouse", "")));
  }

  void write(Path file) {
    try {
      Path beside = file.resolveSibling(file.getFileName() + ".new");
      StringBuilder text = new StringBuilder("pid = " + pid + "\n");
      kafka.ifPresent(address -> text.append("kafka = ").append(address).append('\n'));
      registry.ifPresent(address -> text.append("registry = ").append(address).append('\n'));
      text.append("clickhouse = ").append(clickHouse).append('\n');
      Files.writeString(beside, text);
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UnusableDirectoryException("cannot write " + file + ": " + e, e);
    }
  }
}
