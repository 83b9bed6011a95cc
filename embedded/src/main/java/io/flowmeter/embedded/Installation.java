package io.flowmeter.embedded;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where Flowmeter has what is not a Java library: the registry, and the ClickHouse engine. It is a
 * checkout or an unpacked archive, the nearest one upward from the system property {@value
 * #HOME_PROPERTY}, or from the working directory if that is not set.
 *
 * @param npm the lockfile of the ClickHouse engine
 * @param registry the registry's runner jar and its libraries
 * @param engine the folder below which npm installs the ClickHouse engine
 */
record Installation(Path npm, Path registry, Path engine) {
  static final String HOME_PROPERTY = "flowmeter.home";

  private static final String PACKAGE_FILE = "package.json";

  static Installation find() {
    Path start =
        Path.of(Optional.ofNullable(System.getProperty(HOME_PROPERTY)).orElse("")).toAbsolutePath();
    return Stream.iterate(start, folder -> folder != null, Path::getParent)
        .flatMap(folder -> Stream.of(archive(folder, System.getenv()), checkout(folder)))
        .filter(each -> Files.exists(each.npm().resolve(PACKAGE_FILE)))
        .findFirst()
        .orElseThrow(
            () ->
                new EmbeddedServiceException(
                    "Expected to run inside a checkout or an unpacked archive of Flowmeter, but no folder upward from %s is one. Set the system property %s to its folder."
                        .formatted(start, HOME_PROPERTY)));
  }

  /** Sources, with what their build has installed. */
  static Installation checkout(Path root) {
    Path npm = root.resolve(Path.of("embedded", "npm"));
    return new Installation(npm, root.resolve(Path.of("embedded", "target", "registry")), npm);
  }

  /** An archive, which may be read-only: the engine is in the user's cache, for all versions. */
  static Installation archive(Path home, Map<String, String> environment) {
    Path cache =
        Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .orElseGet(
                () ->
                    Path.of(
                        environment.getOrDefault("HOME", System.getProperty("user.home")),
                        ".cache"));
    return new Installation(
        home.resolve(Path.of("tools", "npm")),
        home.resolve(Path.of("tools", "registry")),
        cache.resolve(Path.of("flowmeter", "clickhouse-engine")));
  }

  /** The registry's runner jar, beside it the folder of its libraries. */
  Path registryJar() {
    String missing =
        "The embedded Schema Registry needs Apicurio Registry, but %s holds no *-runner.jar. Unpack the archive again, or build the checkout with: mvn package -DskipTests"
            .formatted(registry);
    try (Stream<Path> files = Files.list(registry)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
          // The last, should a new version have been unpacked beside an old one.
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new EmbeddedServiceException(missing));
    } catch (IOException e) {
      throw new EmbeddedServiceException(missing, e);
    }
  }

  /**
   * Where the archive of the registry's classes for this very JVM is, if it was made (see {@link
   * RegistryArchive}).
   */
  Path registryArchive() {
    Path jar = registryJar();
    String name =
        jar.getFileName()
            .toString()
            .replace(".jar", "-java-%s.jsa")
            .formatted(System.getProperty("java.runtime.version"));
    return jar.resolveSibling(name);
  }

  /** The jar or folder that a class was loaded from, to hand it to another JVM. */
  static Path codeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("The code of " + type + " is not in a file", e);
    }
  }
}
