package io.flowmeter.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A client for the tested part of a registry's Confluent API. */
record RegistryClient(URI url) {
  static final String RECORD =
      "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[]}";
  static final String RECORD_WITH_REQUIRED_FIELD =
      "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"int\\\"}]}";

  /** Avoids HTTP/2, because the JDK's upgrade of the first request fails now and then. */
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Returns the response to the registration of an Avro schema that is escaped for JSON. */
  HttpResponse<String> register(String subject, String schema)
      throws IOException, InterruptedException {
    return send("POST", "/subjects/" + subject + "/versions", "{\"schema\": \"" + schema + "\"}");
  }

  void setCompatibility(String subject, String level) throws IOException, InterruptedException {
    HttpResponse<String> response =
        send("PUT", "/config/" + subject, "{\"compatibility\": \"" + level + "\"}");
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
  }

  String compatibility(String subject) throws IOException, InterruptedException {
    return send("GET", "/config/" + subject, "").body();
  }

  private HttpResponse<String> send(String method, String path, String json)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }
}
