package io.flowmeter.simulator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.simulator.fault.Faults;
import io.flowmeter.simulator.fault.InjectedFault;
import io.flowmeter.simulator.fleet.ActiveInstances;
import io.flowmeter.simulator.fleet.SimulatedAccount;
import io.flowmeter.simulator.http.Body;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What stands before the API: who may ask, where the API lies, which fault is due, and how an
 * answer becomes bytes.
 */
public final class ApiGateway {
  /** Where the API lies, as in production. */
  public static final String BASE = "/client/v4";

  /** Stands in every parameter and event payload and in most outputs. */
  public static final String PAYLOAD_CANARY = Shapes.PAYLOAD_CANARY;

  private static final Pattern PORT = Pattern.compile(":\\d+$");
  private static final String JSON = "application/json";
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final WorkflowsApiServer api;
  private final String account;
  private final Optional<String> token;
  private final InstantSource clock;
  private final Optional<Limiter> limiter;
  private final Faults faults;
  private final ApiListener listener;
  private final Consumer<Served> log;
  private volatile Instant end = Instant.MAX;

  /** One request that was answered; {@code status} is 0 when nothing was to be answered. */
  public record Served(Instant at, String method, String target, int status) {}

  /** The API over this world. */
  public ApiGateway(
      SimulatedAccount world,
      ActiveInstances active,
      StepOutputs outputs,
      String account,
      Optional<String> token,
      InstantSource clock,
      Optional<Limiter> limiter,
      Faults faults,
      ApiListener listener,
      Consumer<Served> log) {
    this.api = new WorkflowsApiServer(world, active, outputs);
    this.account = account;
    this.token = token;
    this.clock = clock;
    this.limiter = limiter;
    this.faults = faults;
    this.listener = listener;
    this.log = log;
  }

  /** After this moment nothing more happens in the fleet; the API goes on answering. */
  public void endFleetAt(Instant moment) {
    end = moment;
  }

  public Instant fleetEnd() {
    return end;
  }

  /** Answers one request, with the fault that is due for it. */
  public LoopbackResponse respond(LoopbackRequest request) {
    if (!isLoopback(request.header("host")) || !isOwnOrigin(request)) {
      return sent(
          request,
          clock.instant(),
          LoopbackResponse.text(
              403, "text/plain", "Forbidden: Host and Origin must be of this machine"));
    }
    Told told = route(request);
    LoopbackResponse response = spoilt(told.response(), told.fault());
    return sent(
        request,
        told.at(),
        told.limited().map(verdict -> withLimit(response, verdict)).orElse(response));
  }

  /**
   * What the API says to a request by itself: without faults and limit, and as if nobody had asked.
   */
  public LoopbackResponse unspoilt(LoopbackRequest request) {
    synchronized (api) {
      Instant now = clock.instant();
      SimulatedResponse response = respondOrFail(request, now.isBefore(end) ? now : end);
      return LoopbackResponse.of(response.status(), JSON, body(response));
    }
  }

  /** What the API says to a request, all of it as of one moment, and what becomes of it. */
  private record Told(
      Instant at,
      Optional<Limiter.Verdict> limited,
      SimulatedResponse response,
      Optional<InjectedFault> fault) {}

  private Told route(LoopbackRequest request) {
    // The index moves on with the clock: one request after the other, each with its own moment, so
    // that no request sees time go back.
    synchronized (api) {
      Instant now = clock.instant();
      Optional<Limiter.Verdict> limited = limiter.map(limit -> limit.acquire(now));
      if (isRejected(limited)) {
        return new Told(
            now, limited, SimulatedResponse.of(ApiError.tooManyRequests()), Optional.empty());
      }
      Optional<InjectedFault> fault = faults.take(request.target());
      if (limiter.isPresent()
          && fault.filter(InjectedFault.OtherTool.class::isInstance).isPresent()) {
        limiter.get().overrunElsewhere(now);
        return new Told(
            now,
            Optional.of(limiter.get().acquire(now)),
            SimulatedResponse.of(ApiError.tooManyRequests()),
            Optional.empty());
      }
      return new Told(now, limited, respondOrFail(request, now.isBefore(end) ? now : end), fault);
    }
  }

  private static boolean isRejected(Optional<Limiter.Verdict> limited) {
    return limited.filter(verdict -> !verdict.admitted()).isPresent();
  }

  private SimulatedResponse respondOrFail(LoopbackRequest request, Instant now) {
    try {
      return respond(request, now);
    } catch (ApiError error) {
      return SimulatedResponse.of(error);
    }
  }

  private LoopbackResponse spoilt(SimulatedResponse response, Optional<InjectedFault> fault) {
    if (fault.isEmpty()) {
      return LoopbackResponse.of(response.status(), JSON, body(response))
          .whenDelivered(() -> delivered(response));
    }
    if (fault.get() instanceof InjectedFault.Instead instead) {
      return instead.response();
    }
    if (fault.get() instanceof InjectedFault.OtherTool) {
      return ((InjectedFault.Instead) InjectedFault.tooManyRequests(RateLimit.PRODUCTION.block()))
          .response();
    }
    if (fault.get() instanceof InjectedFault.Delivered delivered) {
      return LoopbackResponse.of(response.status(), JSON, body(response))
          .delivered(delivered.how())
          .whenDelivered(() -> delivered(response));
    }
    byte[] bytes;
    if (fault.get() instanceof InjectedFault.Edited edited) {
      ObjectNode tree = response.json().tree();
      edited.edit().accept(tree);
      bytes = Json.of(tree).bytes();
    } else {
      bytes = InjectedFault.garble(response.json().bytes());
    }
    return LoopbackResponse.of(response.status(), JSON, new Body.Held(bytes));
  }

  private static Body body(SimulatedResponse response) {
    return response.huge()
        ? new Body.Streamed(response.json()::writeTo)
        : new Body.Held(response.json().bytes());
  }

  private void delivered(SimulatedResponse response) {
    synchronized (listener) {
      response.telling().accept(listener);
    }
  }

  private LoopbackResponse withLimit(LoopbackResponse response, Limiter.Verdict verdict) {
    RateLimit limit = limiter.orElseThrow().limit();
    LoopbackResponse counted =
        response
            .with(
                "Ratelimit",
                "\"default\";r=%d;t=%d".formatted(verdict.remaining(), verdict.resetSeconds()))
            .with(
                "Ratelimit-Policy",
                "\"default\";q=%d;w=%d".formatted(limit.requests(), limit.window().toSeconds()));
    return verdict.admitted()
        ? counted
        : counted.with("Retry-After", Long.toString(verdict.resetSeconds()));
  }

  private LoopbackResponse sent(LoopbackRequest request, Instant at, LoopbackResponse response) {
    boolean published =
        response.delivery().isWhole() || response.delivery() == LoopbackResponse.Delivery.TRUNCATED;
    log.accept(
        new Served(at, request.method(), request.target(), published ? response.status() : 0));
    return response.with("Date", Times.http(at));
  }

  private SimulatedResponse respond(LoopbackRequest request, Instant now) {
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
    return api.respond(
        request.method(),
        path.subList(5, path.size()),
        decoded(request::parameters),
        request.body(),
        now);
  }

  private static <T> T decoded(Supplier<T> part) {
    try {
      return part.get();
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter("Invalid percent-encoding", e);
    }
  }

  private void authenticate(LoopbackRequest request) {
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
    return host.map(name -> LOOPBACK.contains(PORT.matcher(name).replaceFirst(""))).orElse(false);
  }

  /** Another port of this machine is another site: anybody's page can be served there. */
  private static boolean isOwnOrigin(LoopbackRequest request) {
    Optional<String> own = request.header("host").map(host -> "http://" + host);
    return request.header("origin").map(origin -> own.equals(Optional.of(origin))).orElse(true);
  }
}
