package io.flowmeter.cli.data;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What a data directory remembers of the start that made it, in its {@code flowmeter.properties}.
 *
 * @param source {@code simulator}, or the URL of the API that was polled
 * @param account the account, {@code local} where there is none
 * @param ports the ports the embedded parts listened on at the last start, by the part's name
 * @param seed of the simulator's fleet
 * @param epoch when the simulator's fleet began to move
 */
public record DataDirectoryManifest(
    String source, String account, Map<String, Integer> ports, long seed, Instant epoch) {
  public static final String SIMULATOR = "simulator";

  private static final String HEAD =
      """
      # What this data directory belongs to. Written by flowmeter up; do not edit while it runs.
      """;
  private static final String PORT = ".port";

  public DataDirectoryManifest {
    ports = Map.copyOf(ports);
  }

  public DataDirectoryManifest withPorts(Map<String, Integer> now) {
    return new DataDirectoryManifest(source, account, now, seed, epoch);
  }

  /**
   * @throws UnusableDirectoryException where the file does not say all of it
   */
  static DataDirectoryManifest read(Path file) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(file)));
      Map<String, Integer> ports = new TreeMap<>();
      for (String name : properties.stringPropertyNames()) {
        if (name.endsWith(PORT)) {
          ports.put(
              name.substring(0, name.length() - PORT.length()),
              Integer.valueOf(properties.getProperty(name)));
        }
      }
      return new DataDirectoryManifest(
          text(properties, "source"),
          text(properties, "account"),
          ports,
          Long.parseLong(text(properties, "simulator.seed")),
          Instant.parse(text(properties, "simulator.epoch")));
    } catch (IOException | RuntimeException e) {
      throw new UnusableDirectoryException(
          "expected %s to tell what the data directory belongs to, but: %s. Restore the file, or choose another --data."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** Written beside and moved, so that a crash leaves the old file or the new one. */
  void write(Path file) {
    StringBuilder text = new StringBuilder(HEAD);
    line(text, "source", source);
    line(text, "account", account);
    new TreeMap<>(ports).forEach((part, port) -> line(text, part + PORT, port.toString()));
    line(text, "simulator.seed", Long.toString(seed));
    line(text, "simulator.epoch", epoch.toString());
    try {
      Path beside = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(beside, text);
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UnusableDirectoryException(
          "cannot write %s: %s. Check the directory's owner and free space.".formatted(file, e), e);
    }
  }

  private static void line(StringBuilder text, String name, String value) {
    // Properties' own escape character; nothing else in these values needs one.
    text.append(name).append(" = ").append(value.replace("\\", "\\\\")).append('\n');
  }

  private static String text(Properties properties, String name) {
    String value = properties.getProperty(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("it has no " + name);
    }
    return value;
  }
}
