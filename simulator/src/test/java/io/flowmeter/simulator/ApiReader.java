package io.flowmeter.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads a simulator as any client would. */
public final class ApiReader {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

  private final String base;

  public ApiReader(Simulator simulator) {
    this.base = simulator.baseUri() + "/accounts/" + simulator.account() + "/workflows";
  }

  /** What came back for a path below {@code /workflows}. */
  public HttpResponse<String> response(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The envelope of an answer that must be a success. */
  public JsonNode envelope(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = response(path);
    if (response.statusCode() != 200) {
      throw new IOException(path + " answered " + response.statusCode() + " " + response.body());
    }
    return MAPPER.readTree(response.body());
  }

  public JsonNode result(String path) throws IOException, InterruptedException {
    return envelope(path).path("result");
  }

  /** All rows of a list, following its cursor. */
  public List<JsonNode> allByCursor(String path) throws IOException, InterruptedException {
    List<JsonNode> rows = new ArrayList<>();
    String cursor = "";
    do {
      String sign = path.contains("?") ? "&" : "?";
      JsonNode page = envelope(cursor.isEmpty() ? path : path + sign + "cursor=" + cursor);
      page.path("result").forEach(rows::add);
      cursor = page.path("result_info").path("cursor").asText("");
    } while (!cursor.isEmpty());
    return rows;
  }

  public static JsonNode json(String text) throws IOException {
    return MAPPER.readTree(text);
  }

  public static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
