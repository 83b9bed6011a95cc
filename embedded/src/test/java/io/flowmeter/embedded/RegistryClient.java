package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** The Confluent API of a registry, as far as it is tested here. */
record RegistryClient(URI url) {
  static final String RECORD =
      "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[]}";
  static final String RECORD_WITH_REQUIRED_FIELD =
      "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"int\\\"}]}";

  /** Not HTTP/2: an upgrade of the first request fails now and then, on the JDK's side. */
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** The answer to the registration of an Avro schema, escaped for JSON. */
  HttpResponse<String> register(String subject, String schema)
      throws IOException, InterruptedException {
    return ask("POST", "/subjects/" + subject + "/versions", "{\"schema\": \"" + schema + "\"}");
  }

  void setCompatibility(String subject, String level) throws IOException, InterruptedException {
    HttpResponse<String> response =
        ask("PUT", "/config/" + subject, "{\"compatibility\": \"" + level + "\"}");
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
  }

  String compatibility(String subject) throws IOException, InterruptedException {
    return ask("GET", "/config/" + subject, "").body();
  }

  private HttpResponse<String> ask(String method, String path, String json)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }
}
