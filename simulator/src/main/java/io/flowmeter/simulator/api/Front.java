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
import java.util.function.Supplier;

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
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
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
    if (!isLoopback(request.header("host")) || !isLoopbackOrigin(request.header("origin"))) {
      return sent(
          request,
          clock.instant(),
          Response.text(403, "text/plain", "Forbidden: Host and Origin must be of this machine"));
    }
    Told told = tell(request);
    return sent(request, told.at(), spoilt(told, faults.take(request.target())));
  }

  /** What the API says to a request, all of it as of one moment. */
  private record Told(Instant at, int status, ObjectNode envelope) {}

  private Told tell(Request request) {
    // The index moves on with the clock: one request after the other, each with its own moment, so
    // that no request sees time go back.
    synchronized (api) {
      Instant now = clock.instant();
      try {
        return new Told(now, 200, envelope(request, now));
      } catch (ApiError error) {
        return new Told(now, error.status(), Envelope.of(error));
      }
    }
  }

  private static Response spoilt(Told told, Optional<Fault> fault) {
    if (fault.isPresent() && fault.get() instanceof Fault.Instead instead) {
      return instead.response();
    }
    if (fault.isPresent() && fault.get() instanceof Fault.Edited edited) {
      edited.edit().accept(told.envelope());
    }
    byte[] body = bytes(told.envelope());
    if (fault.isPresent() && fault.get() instanceof Fault.Garbled) {
      body = Fault.garble(body);
    }
    Response response = new Response(told.status(), JSON, body, Response.Delivery.WHOLE);
    return fault.isPresent() && fault.get() instanceof Fault.Undelivered undelivered
        ? response.delivered(undelivered.delivery())
        : response;
  }

  private Response sent(Request request, Instant at, Response response) {
    boolean told =
        response.delivery() == Response.Delivery.WHOLE
            || response.delivery() == Response.Delivery.TRUNCATED;
    log.accept(new Served(at, request.method(), request.target(), told ? response.status() : 0));
    return response.with("Date", Times.http(at));
  }

  private ObjectNode envelope(Request request, Instant now) {
    authenticate(request);
    List<String> path = decoded(request::segments);
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
    return api.get(path.subList(5, path.size()), decoded(request::parameters), now);
  }

  private static <T> T decoded(Supplier<T> part) {
    try {
      return part.get();
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter("Invalid percent-encoding", e);
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
