package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.simulator.fault.Fault;
import io.flowmeter.simulator.fault.Faults;
import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.fleet.Roster;
import io.flowmeter.simulator.http.Request;
import io.flowmeter.simulator.http.Response;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What stands before the API: who may ask, where the API lies, which fault is due, and how an
 * answer becomes bytes.
 */
public final class Front {
  /** Where the API lies, as in production. */
  public static final String BASE = "/client/v4";

  /** Stands in every parameter and event payload and in most outputs. */
  public static final String PAYLOAD_CANARY = Shapes.PAYLOAD_CANARY;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final WorkflowsApi api;
  private final String account;
  private final Optional<String> token;
  private final InstantSource clock;
  private final Faults faults;
  private final Consumer<Served> log;

  /** One request that was answered; {@code status} is 0 when nothing was to be answered. */
  public record Served(Instant at, String method, String target, int status) {}

  /** The API over this fleet. */
  public Front(
      Fleet fleet,
      Roster roster,
      String account,
      Optional<String> token,
      InstantSource clock,
      Faults faults,
      Consumer<Served> log) {
    this.api = new WorkflowsApi(fleet, roster);
    this.account = account;
    this.token = token;
    this.clock = clock;
    this.faults = faults;
    this.log = log;
  }

  /** Answers one request, with the fault that is due for it. */
  public Response answer(Request request) {
    Instant now = clock.instant();
    Response response = answer(request, now).with("Date", Times.http(now));
    boolean delivered =
        response.delivery() == Response.Delivery.WHOLE
            || response.delivery() == Response.Delivery.TRUNCATED;
    log.accept(
        new Served(now, request.method(), request.target(), delivered ? response.status() : 0));
    return response;
  }

  private Response answer(Request request, Instant now) {
    if (!isLoopback(request.header("host")) || !isLoopbackOrigin(request.header("origin"))) {
      return Response.text(403, "text/plain", "Forbidden: Host and Origin must be of this machine");
    }
    Optional<Fault> fault = faults.take(request.target());
    if (fault.isPresent() && fault.get() instanceof Fault.Instead instead) {
      return instead.response();
    }
    int status = 200;
    ObjectNode envelope;
    try {
      envelope = envelope(request, now);
    } catch (ApiError error) {
      status = error.status();
      envelope = Envelope.of(error);
    }
    if (fault.isPresent() && fault.get() instanceof Fault.Edited edited) {
      edited.edit().accept(envelope);
    }
    byte[] body = bytes(envelope);
    if (fault.isPresent() && fault.get() instanceof Fault.Garbled) {
      body = Fault.garble(body);
    }
    Response response =
        new Response(
            status, Map.of("Content-Type", "application/json"), body, Response.Delivery.WHOLE);
    return fault.isPresent() && fault.get() instanceof Fault.Undelivered undelivered
        ? response.delivered(undelivered.delivery())
        : response;
  }

  private ObjectNode envelope(Request request, Instant now) {
    authenticate(request);
    List<String> path = path(request);
    // client, v4, accounts, {account}, workflows
    if (path.size() < 5
        || !("/" + path.get(0) + "/" + path.get(1)).equals(BASE)
        || !path.get(2).equals("accounts")
        || !path.get(3).equals(account)
        || !path.get(4).equals("workflows")) {
      throw ApiError.noRoute("/" + String.join("/", path));
    }
    if (!request.method().equals("GET")) {
      throw ApiError.badMethod(request.method());
    }
    return api.get(path.subList(5, path.size()), request.parameters(), now);
  }

  private static List<String> path(Request request) {
    try {
      return request.segments();
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter("path: Invalid percent-encoding", e);
    }
  }

  private void authenticate(Request request) {
    if (token.isEmpty()) {
      return;
    }
    String given =
        request.header("authorization").orElseThrow(() -> ApiError.notAuthenticated(401));
    if (!given.equals("Bearer " + token.get())) {
      throw ApiError.notAuthenticated(403);
    }
  }

  private static boolean isLoopback(Optional<String> host) {
    return host.map(name -> LOOPBACK.contains(name.replaceFirst(":\\d+$", ""))).orElse(false);
  }

  private static boolean isLoopbackOrigin(Optional<String> origin) {
    if (origin.isEmpty()) {
      return true;
    }
    try {
      return LOOPBACK.contains(String.valueOf(URI.create(origin.get()).getHost()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static byte[] bytes(ObjectNode envelope) {
    try {
      return MAPPER.writeValueAsBytes(envelope);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON could not be written", e);
    }
  }
}
