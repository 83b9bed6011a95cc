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
 * The locations of files that are not Java libraries: the registry and the ClickHouse engine. The
 * installation is a checkout or an unpacked archive. It is the nearest one upward from the system
 * property {@value #HOME_PROPERTY}, or from the working directory if that is not set.
 *
 * @param npm the lockfile of the ClickHouse engine
 * @param registry the registry's runner JAR and its libraries
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
                    "Flowmeter runs from a checkout or an unpacked archive, but there is none at %s or above it. Set the system property %s to its directory."
                        .formatted(start, HOME_PROPERTY)));
  }

  /** Returns the locations in a checkout that was built. */
  static Installation checkout(Path root) {
    Path npm = root.resolve(Path.of("embedded", "npm"));
    return new Installation(npm, root.resolve(Path.of("embedded", "target", "registry")), npm);
  }

  /**
   * Returns the locations in an archive. It may be read-only, so the engine is in the user's cache,
   * for all versions.
   */
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

  /** Returns the registry's runner JAR. The directory of its libraries is next to it. */
  Path registryJar() {
    String missing =
        "The embedded Schema Registry requires Apicurio Registry, but %s has no *-runner.jar. Unpack the archive again, or build the checkout with: mvn package -DskipTests"
            .formatted(registry);
    try (Stream<Path> files = Files.list(registry)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
          // Takes the last one, in case a new version was unpacked next to an old one.
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new EmbeddedServiceException(missing));
    } catch (IOException e) {
      throw new EmbeddedServiceException(missing, e);
    }
  }

  /**
   * Returns the path of the archive of the registry's classes for exactly this JVM. The file may
   * not exist (see {@link RegistryArchive}).
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

  /** Returns the JAR or directory from which a class was loaded, for another JVM's class path. */
  static Path codeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("The code of " + type + " is not in a file", e);
    }
  }
}
