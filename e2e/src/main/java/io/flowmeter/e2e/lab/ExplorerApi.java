package io.flowmeter.e2e.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The local runtime's mirror of the Workflows API, reads and writes, as raw JSON. Every call
 * answers the {@code result} of the envelope, and fails with what the runtime said otherwise.
 */
public final class ExplorerApi {

  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final int PER_PAGE = 100;

  /** The proxy in front of a busy runtime loses requests: some hang, some answer 500 or 503. */
  private static final int TRIES = 8;

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
    write("POST", instances(workflow), Map.of("id", id, "params", params), () -> false);
  }

  public void pause(String workflow, String id) {
    change(workflow, id, "pause", () -> false);
  }

  public void resume(String workflow, String id) {
    change(workflow, id, "resume", () -> false);
  }

  /** Ends a life that has not ended yet. */
  public void terminate(String workflow, String id) {
    change(workflow, id, "terminate", () -> is(workflow, id, "/status", "terminated"));
  }

  /** Begins a new life, whatever the last one is doing. */
  public void restart(String workflow, String id) {
    String queued = detail(workflow, id).get("queued").asText();
    change(workflow, id, "restart", () -> !is(workflow, id, "/queued", queued));
  }

  /** Sends an event, perhaps twice: the runtime keeps what nobody waits for. */
  public void sendEvent(String workflow, String id, String type, Map<String, ?> payload) {
    write("POST", instance(workflow, id) + "/events/" + encode(type), payload, () -> false);
  }

  /** The workflows: name, class_name, script_name. */
  public List<JsonNode> workflows() {
    return elements(read("/workflows").get("result"));
  }

  /** All rows of the list of instances, newest first: id, status, created_on. */
  public List<JsonNode> rows(String workflow) {
    List<JsonNode> rows = new ArrayList<>();
    for (int page = 1; ; page++) {
      JsonNode result = read(instances(workflow) + "?page=" + page + "&per_page=" + PER_PAGE);
      rows.addAll(elements(result.get("result")));
      if (page >= result.at("/result_info/total_pages").asInt()) {
        return rows;
      }
    }
  }

  /**
   * An instance's detail with its steps. Only for ids that exist: asking for another one makes a
   * ghost row.
   */
  public JsonNode detail(String workflow, String id) {
    return read(instance(workflow, id)).get("result");
  }

  private void change(String workflow, String id, String action, BooleanSupplier done) {
    write("PATCH", instance(workflow, id) + "/status", Map.of("action", action), done);
  }

  private boolean is(String workflow, String id, String pointer, String value) {
    return detail(workflow, id).at(pointer).asText().equals(value);
  }

  private JsonNode read(String path) {
    return send(path, request(path).GET().build(), () -> false);
  }

  /**
   * @param done whether a request that brought no good answer was carried out all the same
   */
  private void write(String method, String path, Map<String, ?> body, BooleanSupplier done) {
    try {
      BodyPublisher publisher = BodyPublishers.ofByteArray(json.writeValueAsBytes(body));
      send(path, request(path).method(method, publisher).build(), done);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not to be written as JSON: " + body, e);
    }
  }

  private JsonNode send(String path, HttpRequest request, BooleanSupplier done) {
    for (int tries = 1; ; tries++) {
      try {
        var response = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (response.statusCode() == 200) {
          return json.readTree(response.body());
        }
        throw new IOException(
            "expected 200, got %d: %s".formatted(response.statusCode(), response.body()));
      } catch (IOException e) {
        if (done.getAsBoolean()) {
          return json.nullNode();
        }
        if (tries == TRIES) {
          throw new UncheckedIOException(request.method() + " " + path + " failed", e);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
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
}
