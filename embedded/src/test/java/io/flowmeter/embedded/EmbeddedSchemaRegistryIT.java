package io.flowmeter.embedded;

import static io.flowmeter.embedded.RegistryClient.RECORD;
import static io.flowmeter.embedded.RegistryClient.RECORD_WITH_REQUIRED_FIELD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedSchemaRegistryIT {
  @TempDir Path directory;

  @Test
  void idsAndCompatibilitySurviveKill() throws Exception {
    String registered;
    int port;
    try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(directory, 0)) {
      port = registry.port();
      RegistryClient client = new RegistryClient(registry.url());
      client.register("another-value", RECORD_WITH_REQUIRED_FIELD);
      registered = client.register("s-value", RECORD).body();
      client.setCompatibility("s-value", "FULL_TRANSITIVE");
      awaitWritten();
      ProcessHandle.of(registry.pid()).orElseThrow().destroyForcibly();
      assertThat(registry.death().toCompletableFuture().get())
          .hasMessageContaining("ended with exit code 137");
      assertThat(registry.isAlive()).isFalse();
    }
    assertThat(registered).matches("\\{\"id\":\\d+}");
    try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(directory, port)) {
      assertThat(registry.port()).isEqualTo(port);
      RegistryClient client = new RegistryClient(registry.url());
      assertThat(client.register("s-value", RECORD).body()).isEqualTo(registered);
      assertThat(client.compatibility("s-value")).contains("FULL_TRANSITIVE");
      assertThat(client.register("s-value", RECORD_WITH_REQUIRED_FIELD).statusCode())
          .isEqualTo(409);
    }
  }

  /** The database writes in the background, some milliseconds after the response. */
  private void awaitWritten() {
    Path file = directory.resolve("registry.mv.db");
    AtomicReference<FileTime> last = new AtomicReference<>(FileTime.from(Instant.EPOCH));
    await("an unchanged database file")
        .atMost(Duration.ofMinutes(2))
        .during(Duration.ofMillis(500))
        .until(
            () -> {
              FileTime now = Files.getLastModifiedTime(file);
              return now.equals(last.getAndSet(now));
            });
  }

  @Test
  void portInUseIsReplacedAndDirectoryInUseRejected() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        EmbeddedSchemaRegistry registry =
            EmbeddedSchemaRegistry.start(directory, other.getLocalPort())) {
      assertThat(registry.port()).isNotEqualTo(other.getLocalPort());
      assertThatThrownBy(() -> EmbeddedSchemaRegistry.start(directory, 0))
          .isInstanceOf(EmbeddedServiceException.class)
          .hasMessageContaining(
              "registry requires exclusive use of the data directory " + directory);
    }
  }
}
