package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
  @TempDir Path empty;

  @Test
  void theCheckoutIsFoundUpwardFromTheWorkingDirectory() {
    String home = System.clearProperty(Installation.HOME_PROPERTY);
    try {
      assertThat(Installation.find().home()).isEqualTo(Path.of(home));
    } finally {
      System.setProperty(Installation.HOME_PROPERTY, home);
    }
  }

  @Test
  void aMissingEngineIsToldWithTheCommandThatInstallsIt() {
    assertThatThrownBy(() -> new Installation(empty).clickHouseEngine())
        .isInstanceOf(EmbeddedPartException.class)
        .hasMessageContaining("npm package @chdb/lib-linux-x64-gnu, but " + empty)
        .hasMessageEndingWith("Install it with: cd %s/embedded/npm && npm ci", empty);
  }

  @Test
  void aMissingRegistryIsToldWithTheCommandThatBuildsIt() {
    assertThatThrownBy(() -> new Installation(empty).registryJar())
        .isInstanceOf(EmbeddedPartException.class)
        .hasMessageContaining("embedded/target/registry holds no *-runner.jar")
        .hasMessageEndingWith(
            "Build it with: cd %s && mvn -pl embedded -am prepare-package", empty);
  }

  @Test
  void aPlatformWithoutAnEngineIsTold() {
    assertThatThrownBy(() -> new Installation(empty).clickHouseEngine("Linux aarch64"))
        .hasMessage(
            "The embedded ClickHouse needs Linux on amd64 (with glibc), but this is Linux aarch64. Use a ClickHouse of your own: set its URL.");
  }
}
