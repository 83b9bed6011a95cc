package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses a shell script in place of npm. */
class ClickHouseEngineIT {
  private static final String LIBRARY = "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so";

  /** Does what npm does, and appends a line for each call. */
  private static final List<String> NPM =
      List.of(
          "sh",
          "-c",
          "echo once >> calls; mkdir -p node_modules/@chdb/lib-linux-x64-gnu; echo engine > "
              + LIBRARY);

  @TempDir Path temp;
  private final List<String> messages = new ArrayList<>();
  private Installation archive;

  @BeforeEach
  void createArchiveWithLockfile() throws Exception {
    Path npm = Files.createDirectories(temp.resolve("npm"));
    for (String name : List.of("package.json", "package-lock.json", ".npmrc")) {
      Files.writeString(npm.resolve(name), name);
    }
    archive = new Installation(npm, temp.resolve("registry"), temp.resolve("cache/engine"));
  }

  @Test
  void configuredFolderIsUsed() throws Exception {
    Path library = Files.writeString(temp.resolve("libchdb.so"), "engine");

    assertThat(ClickHouseEngine.findOrInstall(Optional.of(temp), messages::add)).isEqualTo(library);
    assertThat(messages).isEmpty();
  }

  @Test
  void configuredFolderWithoutEngineIsReported() {
    assertThatThrownBy(() -> ClickHouseEngine.findOrInstall(Optional.of(temp), messages::add))
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("libchdb.so is not in the folder " + temp)
        .hasMessageContaining("embedded.clickhouse.engine");
  }

  @Test
  void engineIsInstalledOnceAfterMessage() throws Exception {
    ClickHouseEngine.install(archive, NPM, messages::add);
    ClickHouseEngine.install(archive, NPM, messages::add);

    assertThat(ClickHouseEngine.installed(archive)).hasContent("engine");
    assertThat(archive.engine().resolve("calls")).hasContent("once");
    assertThat(archive.engine().resolve("package.json")).hasContent("package.json");
    assertThat(messages)
        .containsExactly(
            "Installing the ClickHouse engine with npm into %s: @chdb/lib-linux-x64-gnu, a one-time download of 178 MB"
                .formatted(archive.engine()));
  }

  @Test
  void newLockfileInstallsEngineAgain() throws Exception {
    ClickHouseEngine.install(archive, NPM, messages::add);
    Files.writeString(archive.npm().resolve("package-lock.json"), "of the next version");
    ClickHouseEngine.install(archive, NPM, messages::add);

    assertThat(archive.engine().resolve("calls")).hasContent("once\nonce");
    assertThat(messages).hasSize(2);
  }

  @Test
  void missingNpmIsReportedWithRequirement() {
    List<String> absent = List.of(temp.resolve("no-npm").toString());

    assertThatThrownBy(() -> ClickHouseEngine.install(archive, absent, messages::add))
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("there is no npm on the PATH. Install Node.js 20 or later");
  }

  @Test
  void lastOutputOfFailedNpmIsReported() {
    List<String> failing = List.of("sh", "-c", "echo npm error code ENOTFOUND; exit 3");

    assertThatThrownBy(() -> ClickHouseEngine.install(archive, failing, messages::add))
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("(exit code 3): npm error code ENOTFOUND");
  }

  @Test
  void unwritableFolderIsReported() throws Exception {
    Files.writeString(temp.resolve("cache"), "a file in its place");

    assertThatThrownBy(() -> ClickHouseEngine.install(archive, NPM, messages::add))
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("cannot be installed into " + archive.engine())
        .hasMessageContaining("Make that folder writable");
  }

  @Test
  void missingEngineIsReportedWithCommand() {
    assertThatThrownBy(() -> ClickHouseEngine.installed(archive))
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("npm package @chdb/lib-linux-x64-gnu, but " + archive.engine())
        .hasMessageContaining("Run `flowmeter up` once");
  }

  @Test
  void unsupportedPlatformIsReported() {
    assertThatThrownBy(() -> ClickHouseEngine.requireSystem("Linux aarch64"))
        .hasMessage(
            "The embedded ClickHouse requires Linux on amd64 (with glibc), but this is Linux aarch64. Use a separate ClickHouse server: set clickhouse.url.");
  }
}
