package io.flowmeter.cli.local;

import io.flowmeter.cli.backend.UnusableBackendException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The jars in the archive's folder {@code tools}. They are not on the class path of production
 * commands, and are loaded only if one needs the servers of {@code up}.
 */
public final class Tools {
  /** The system property with the folder's path. */
  static final String FOLDER = "flowmeter.tools";

  private Tools() {}

  /**
   * From the class path, else from the folder.
   *
   * @throws UnusableBackendException if neither has them
   */
  public static LocalServers localServers() {
    return ServiceLoader.load(LocalServers.class)
        .findFirst()
        .or(Tools::fromFolder)
        .orElseThrow(
            () ->
                new UnusableBackendException(
                    "expected a server that runs, or the folder tools of Flowmeter's archive to start one: run flowmeter up from a complete archive, or set clickhouse.url"));
  }

  private static Optional<LocalServers> fromFolder() {
    return Optional.ofNullable(System.getProperty(FOLDER))
        .map(Path::of)
        .filter(Files::isDirectory)
        .flatMap(
            folder -> {
              // Never closed: its classes are in use until the process ends.
              URLClassLoader loader =
                  new URLClassLoader("tools", jars(folder), Tools.class.getClassLoader());
              return ServiceLoader.load(LocalServers.class, loader)
                  .findFirst()
                  .map(found -> withClassesOf(loader, found));
            });
  }

  /** Kafka finds classes by name through the thread's class loader. */
  private static LocalServers withClassesOf(ClassLoader loader, LocalServers servers) {
    return (settings, directory, wishedPorts) -> {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(loader);
      try {
        return servers.start(settings, directory, wishedPorts);
      } finally {
        thread.setContextClassLoader(before);
      }
    };
  }

  private static URL[] jars(Path folder) {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
      found.forEach(jars::add);
      jars.sort(null);
      List<URL> urls = new ArrayList<>();
      for (Path jar : jars) {
        urls.add(jar.toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    } catch (IOException e) {
      throw new UnusableBackendException(
          "expected the jars of Flowmeter's tools in %s, but: %s".formatted(folder, e), e);
    }
  }
}
