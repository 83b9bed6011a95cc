package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedSchemaRegistryTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String SCHEMA =
      "{\"schema\": \"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[]}\"}";
  private static final String INCOMPATIBLE =
      "{\"schema\": \"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"int\\\"}]}\"}";

  @TempDir Path directory;

  @Test
  void idsAndCompatibilitySurviveARestartAndAKill() throws Exception {
    String registered;
    int port;
    try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(directory, 0)) {
      port = registry.port();
      registered = ask(registry, "POST", "/subjects/s-value/versions", SCHEMA).body();
      assertThat(registered).contains("\"id\":");
      ask(registry, "PUT", "/config/s-value", "{\"compatibility\": \"FULL_TRANSITIVE\"}");
    }
    try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(directory, port)) {
      assertThat(registry.port()).isEqualTo(port);
      assertKnows(registry, registered);
      ProcessHandle.of(registry.pid()).orElseThrow().destroyForcibly();
      assertThat(registry.death().toCompletableFuture().get())
          .hasMessageContaining("ended with exit code 137");
      assertThat(registry.isAlive()).isFalse();
    }
    try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(directory, port)) {
      assertKnows(registry, registered);
    }
  }

  private static void assertKnows(EmbeddedSchemaRegistry registry, String registered)
      throws Exception {
    assertThat(ask(registry, "POST", "/subjects/s-value/versions", SCHEMA).body())
        .isEqualTo(registered);
    assertThat(ask(registry, "GET", "/config/s-value", "").body()).contains("FULL_TRANSITIVE");
    assertThat(ask(registry, "POST", "/subjects/s-value/versions", INCOMPATIBLE).statusCode())
        .isEqualTo(409);
  }

  private static HttpResponse<String> ask(
      EmbeddedSchemaRegistry registry, String method, String path, String json) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(registry.url() + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }
}
