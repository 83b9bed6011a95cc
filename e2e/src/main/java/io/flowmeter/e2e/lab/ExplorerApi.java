package io.flowmeter.e2e.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The local runtime's mirror of the Workflows API, reads and writes, as raw JSON. Every call
 * answers the {@code result} of the envelope, and fails with what the runtime said otherwise.
 */
public final class ExplorerApi {

  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int PER_PAGE = 100;

  private final URI base;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param base for wrangler 4.86.0 {@code http://127.0.0.1:PORT/cdn-cgi/explorer/api}
   */
  public ExplorerApi(URI base) {
    this.base = base;
  }

  public URI base() {
    return base;
  }

  /** Whether the runtime answers already. */
  boolean isReady() {
    try {
      return http.send(request("/workflows").GET().build(), BodyHandlers.discarding()).statusCode()
          == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Creates an instance. An id that is there already is left as it is, and answers the same. */
  public void create(String workflow, String id, Map<String, ?> params) {
    call("POST", instances(workflow), Map.of("id", id, "params", params));
  }

  /** Pauses, resumes, restarts or terminates. Terminating an ended instance fails with 500. */
  public void act(String workflow, String id, Action action) {
    call("PATCH", instance(workflow, id) + "/status", Map.of("action", action.word()));
  }

  public void sendEvent(String workflow, String id, String type, Map<String, ?> payload) {
    call("POST", instance(workflow, id) + "/events/" + encode(type), payload);
  }

  /** The workflows: name, class_name, script_name. */
  public List<JsonNode> workflows() {
    return elements(call("GET", "/workflows", Map.of()).get("result"));
  }

  /** All rows of the list of instances, newest first: id, status, created_on. */
  public List<JsonNode> rows(String workflow) {
    List<JsonNode> rows = new ArrayList<>();
    for (int page = 1; ; page++) {
      JsonNode answer =
          call("GET", instances(workflow) + "?page=" + page + "&per_page=" + PER_PAGE, Map.of());
      rows.addAll(elements(answer.get("result")));
      if (page >= answer.at("/result_info/total_pages").asInt()) {
        return rows;
      }
    }
  }

  /**
   * An instance's detail with its steps. Only for ids that exist: asking for another one makes a
   * ghost row.
   */
  public JsonNode detail(String workflow, String id) {
    return call("GET", instance(workflow, id), Map.of()).get("result");
  }

  private JsonNode call(String method, String path, Map<String, ?> body) {
    try {
      var publisher =
          method.equals("GET")
              ? BodyPublishers.noBody()
              : BodyPublishers.ofByteArray(json.writeValueAsBytes(body));
      var response =
          http.send(
              request(path).method(method, publisher).build(),
              BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (response.statusCode() != 200) {
        throw new IllegalStateException(
            "%s %s: expected 200, got %d: %s"
                .formatted(method, path, response.statusCode(), response.body()));
      }
      return json.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path + " of the local runtime failed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(TIMEOUT)
        .header("Content-Type", "application/json");
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for the local runtime", e);
  }

  private static List<JsonNode> elements(JsonNode array) {
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(elements::add);
    return elements;
  }

  private static String instances(String workflow) {
    return "/workflows/" + encode(workflow) + "/instances";
  }

  private static String instance(String workflow, String id) {
    return instances(workflow) + "/" + encode(id);
  }

  private static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What can be asked of a living or ended instance. */
  public enum Action {
    PAUSE,
    RESUME,
    RESTART,
    TERMINATE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
