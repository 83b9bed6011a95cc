package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
  @TempDir Path empty;

  @Test
  void checkoutIsFoundUpwardFromWorkingDirectory() {
    String home = System.clearProperty(Installation.HOME_PROPERTY);
    try {
      assertThat(Installation.find()).isEqualTo(Installation.checkout(Path.of(home)));
    } finally {
      System.setProperty(Installation.HOME_PROPERTY, home);
    }
  }

  @Test
  void archiveInsideCheckoutIsFound() throws Exception {
    Path archive = empty.resolve("embedded/npm/flowmeter-1");
    Files.createDirectories(archive.resolve("tools/npm"));
    Files.writeString(archive.resolve("tools/npm/package.json"), "{}");
    Files.writeString(empty.resolve("embedded/npm/package.json"), "{}");
    String home = System.setProperty(Installation.HOME_PROPERTY, archive.toString());
    try {
      assertThat(Installation.find()).isEqualTo(Installation.archive(archive, System.getenv()));
      System.setProperty(Installation.HOME_PROPERTY, empty.resolve("dist/target/app").toString());
      assertThat(Installation.find()).isEqualTo(Installation.checkout(empty));
    } finally {
      System.setProperty(Installation.HOME_PROPERTY, home);
    }
  }

  @Test
  void engineOfArchiveIsInUserCache() {
    Installation installation =
        Installation.archive(Path.of("/opt/flowmeter"), Map.of("XDG_CACHE_HOME", "/cache"));

    assertThat(installation.engine()).isEqualTo(Path.of("/cache/flowmeter/clickhouse-engine"));
    assertThat(installation.registry()).isEqualTo(Path.of("/opt/flowmeter/tools/registry"));
  }

  @Test
  void missingRegistryIsReported() {
    assertThatThrownBy(() -> Installation.checkout(empty).registryJar())
        .isInstanceOf(EmbeddedServiceException.class)
        .hasMessageContaining("embedded/target/registry has no *-runner.jar")
        .hasMessageContaining("Unpack the archive again");
  }
}
