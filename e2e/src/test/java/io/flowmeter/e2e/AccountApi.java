package io.flowmeter.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.simulator.Simulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An account of a simulated Workflows API, as raw JSON. */
final class AccountApi {

  private static final int PER_PAGE = 100;

  private final String workflows;
  private final String token;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();

  AccountApi(Simulator simulator, String token) {
    this.workflows = simulator.baseUri() + "/accounts/" + simulator.account() + "/workflows";
    this.token = token;
  }

  List<JsonNode> workflows() {
    return numbered(workflows);
  }

  List<JsonNode> versions(String workflow) {
    return numbered(workflows + "/" + encode(workflow) + "/versions");
  }

  /** The ids of a workflow's instances. */
  List<String> instances(String workflow) {
    List<String> ids = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page =
          get("%s?per_page=%d&cursor=%s".formatted(instancesOf(workflow), PER_PAGE, cursor));
      page.get("result").forEach(row -> ids.add(row.get("id").asText()));
      cursor = page.at("/result_info/cursor").asText("");
    } while (!cursor.isEmpty());
    return ids;
  }

  JsonNode detail(String workflow, String id) {
    return get(instancesOf(workflow) + "/" + encode(id)).get("result");
  }

  private String instancesOf(String workflow) {
    return workflows + "/" + encode(workflow) + "/instances";
  }

  private List<JsonNode> numbered(String list) {
    List<JsonNode> rows = new ArrayList<>();
    for (int number = 1; ; number++) {
      JsonNode page = get("%s?per_page=%d&page=%d".formatted(list, PER_PAGE, number));
      page.get("result").forEach(rows::add);
      if (number >= page.at("/result_info/total_pages").asInt()) {
        return rows;
      }
    }
  }

  private JsonNode get(String uri) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri)).header("Authorization", "Bearer " + token).build();
    try {
      var response = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (response.statusCode() != 200) {
        throw new IllegalStateException(
            "expected 200 from %s, got %d: %s"
                .formatted(uri, response.statusCode(), response.body()));
      }
      return json.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(uri + " cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading " + uri, e);
    }
  }

  private static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
