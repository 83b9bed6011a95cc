package io.flowmeter.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ClickHouse engine, a shared library. It is in the configured folder, or else where npm has
 * installed the pinned version of {@value #PACKAGE}.
 */
public final class ClickHouseEngine {
  /** The environment variable, and the setting, that names a folder with the engine. */
  static final String VARIABLE = "FLOWMETER_EMBEDDED_CLICKHOUSE_ENGINE";

  private static final String PACKAGE = "@chdb/lib-linux-x64-gnu";
  private static final String LIBRARY = "libchdb.so";
  private static final Path INSTALLED = Path.of("node_modules", PACKAGE, LIBRARY);

  /** A copy of the lockfile, written when all its packages are installed. */
  private static final Path INSTALLED_LOCK = Path.of("node_modules", ".installed-lock.json");

  private static final String LOCK = "package-lock.json";
  private static final List<String> NPM_FILES = List.of("package.json", LOCK, ".npmrc");
  private static final int DOWNLOAD_MB = 178;
  private static final int LINES_OF_NPM = 5;

  private ClickHouseEngine() {}

  /**
   * Returns the library without installing it.
   *
   * @throws EmbeddedServiceException if it is missing; the message says how to get it
   */
  static Path find() {
    return named(Optional.empty()).orElseGet(() -> installed(Installation.find()));
  }

  /**
   * Returns the library, and installs it with npm if it is missing.
   *
   * @param folder the folder with the engine; empty for that of the environment variable or of npm
   * @param narrator gets a message before a download starts
   * @throws EmbeddedServiceException if this fails; the message says what to do
   */
  public static Path findOrInstall(Optional<Path> folder, Consumer<String> narrator) {
    requireSystem(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return named(folder)
        .orElseGet(
            () -> {
              Installation installation = Installation.find();
              install(installation, List.of("npm", "ci", "--no-progress"), narrator);
              return installed(installation);
            });
  }

  static void requireSystem(String system) {
    if (!system.equals("Linux amd64")) {
      throw new EmbeddedServiceException(
          "The embedded ClickHouse requires Linux on amd64 (with glibc), but this is %s. Use a separate ClickHouse server: set clickhouse.url."
              .formatted(system));
    }
  }

  private static Optional<Path> named(Optional<Path> folder) {
    return folder
        .or(
            () ->
                Optional.ofNullable(System.getenv(VARIABLE))
                    .filter(text -> !text.isEmpty())
                    .map(Path::of))
        .map(ClickHouseEngine::in);
  }

  /** Returns the library in a folder: directly, or where npm installs it. */
  static Path in(Path folder) {
    return Stream.of(folder.resolve(LIBRARY), folder.resolve(INSTALLED))
        .filter(Files::isReadable)
        .findFirst()
        .orElseThrow(
            () ->
                new EmbeddedServiceException(
                    "The ClickHouse engine %s is not in the folder %s that embedded.clickhouse.engine names. Name a folder that has it, or unset it: then `flowmeter up` installs the engine with npm."
                        .formatted(LIBRARY, folder)));
  }

  static Path installed(Installation installation) {
    Path library = installation.engine().resolve(INSTALLED);
    if (!Files.isReadable(library)) {
      throw new EmbeddedServiceException(
          "The embedded ClickHouse requires its engine, npm package %s, but %s is missing. Run `flowmeter up` once, which installs it with npm, or name a folder that has it: %s"
              .formatted(PACKAGE, library, VARIABLE));
    }
    return library;
  }

  /**
   * Installs the packages of the lockfile unless they are installed. Only one process installs at a
   * time.
   */
  static void install(Installation installation, List<String> npm, Consumer<String> narrator) {
    Path folder = installation.engine();
    try {
      if (isInstalled(installation)) {
        return;
      }
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(".install.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !isInstalled(installation)) {
          narrator.accept(
              "Installing the ClickHouse engine with npm into %s: %s, a one-time download of %d MB"
                  .formatted(folder, PACKAGE, DOWNLOAD_MB));
          for (String name : NPM_FILES) {
            if (!folder.equals(installation.npm())) {
              Files.copy(
                  installation.npm().resolve(name),
                  folder.resolve(name),
                  StandardCopyOption.REPLACE_EXISTING);
            }
          }
          run(npm, folder);
          Files.copy(
              folder.resolve(LOCK),
              folder.resolve(INSTALLED_LOCK),
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new EmbeddedServiceException(
          "The ClickHouse engine cannot be installed into %s: %s. Make that folder writable, or set embedded.clickhouse.engine to a folder that has the engine."
              .formatted(folder, e),
          e);
    }
  }

  private static boolean isInstalled(Installation installation) throws IOException {
    Path done = installation.engine().resolve(INSTALLED_LOCK);
    return Files.exists(done) && Files.mismatch(done, installation.npm().resolve(LOCK)) < 0;
  }

  private static void run(List<String> npm, Path folder) throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(npm)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
    } catch (IOException e) {
      throw new EmbeddedServiceException(
          "The embedded ClickHouse requires npm once, to install its engine, but there is no npm on the PATH. Install Node.js 20 or later with npm, or set embedded.clickhouse.engine to a folder that has the engine.",
          e);
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    int code = process.onExit().join().exitValue();
    if (code != 0) {
      List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
      throw new EmbeddedServiceException(
          "npm could not install the ClickHouse engine into %s (exit code %d): %s%nFix the cause and run this again, or set embedded.clickhouse.engine to a folder that has the engine."
              .formatted(
                  folder,
                  code,
                  lines.stream()
                      .skip(Math.max(0, lines.size() - LINES_OF_NPM))
                      .collect(Collectors.joining("\n"))));
    }
  }
}
