package io.flowmeter.embedded;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the build has put what is not a Java library: the ClickHouse engine and the registry, both
 * below the checkout's root. The root is the system property {@value #HOME_PROPERTY}, else the
 * nearest directory upward from the working directory that holds this module.
 */
record Installation(Path home) {
  static final String HOME_PROPERTY = "flowmeter.home";

  private static final String ENGINE_PACKAGE = "@chdb/lib-linux-x64-gnu";
  private static final Path NPM = Path.of("embedded", "npm");
  private static final Path REGISTRY = Path.of("embedded", "target", "registry");

  static Installation find() {
    return Optional.ofNullable(System.getProperty(HOME_PROPERTY))
        .map(home -> Path.of(home).toAbsolutePath())
        .or(() -> upwardFrom(Path.of("").toAbsolutePath()))
        .map(Installation::new)
        .orElseThrow(
            () ->
                new EmbeddedPartException(
                    "Expected to run inside a checkout of Flowmeter, but no directory upward from %s holds %s. Set the system property %s to the checkout's root."
                        .formatted(
                            Path.of("").toAbsolutePath(),
                            NPM.resolve("package.json"),
                            HOME_PROPERTY)));
  }

  private static Optional<Path> upwardFrom(Path start) {
    return Stream.iterate(start, directory -> directory != null, Path::getParent)
        .filter(directory -> Files.exists(directory.resolve(NPM).resolve("package.json")))
        .findFirst();
  }

  /** The ClickHouse engine, a shared library. */
  Path clickHouseEngine() {
    return clickHouseEngine(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }

  Path clickHouseEngine(String system) {
    if (!system.equals("Linux amd64")) {
      throw new EmbeddedPartException(
          "The embedded ClickHouse needs Linux on amd64 (with glibc), but this is %s. Use a ClickHouse of your own: set its URL."
              .formatted(system));
    }
    Path library = home.resolve(NPM).resolve(Path.of("node_modules", ENGINE_PACKAGE, "libchdb.so"));
    return present(
        library,
        "The embedded ClickHouse needs its engine, npm package %s, but %s is not there. Install it with: cd %s && npm ci"
            .formatted(ENGINE_PACKAGE, library, home.resolve(NPM)));
  }

  /** The registry's runner jar, beside it the folder of its libraries. */
  Path registryJar() {
    Path directory = home.resolve(REGISTRY);
    String missing =
        "The embedded Schema Registry needs Apicurio Registry, but %s holds no *-runner.jar. Build it with: cd %s && mvn -pl embedded -am prepare-package"
            .formatted(directory, home);
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
          // The last, should a new version have been unpacked beside an old one.
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new EmbeddedPartException(missing));
    } catch (IOException e) {
      throw new EmbeddedPartException(missing, e);
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

  private static Path present(Path file, String elseMessage) {
    if (!Files.isReadable(file)) {
      throw new EmbeddedPartException(elseMessage);
    }
    return file;
  }
}
