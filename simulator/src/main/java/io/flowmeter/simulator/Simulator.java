package io.flowmeter.simulator;

import io.flowmeter.simulator.api.ApiGateway;
import io.flowmeter.simulator.api.Limiter;
import io.flowmeter.simulator.fault.Faults;
import io.flowmeter.simulator.fleet.ActiveInstances;
import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.fleet.SimulatedAccount;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import io.flowmeter.simulator.http.LoopbackServer;
import io.flowmeter.simulator.ledger.Ledger;
import io.flowmeter.simulator.ledger.LedgerEntry;
import io.flowmeter.simulator.workflows.WorkflowCatalog;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A production-like Workflows API on loopback, over a fleet that moves by itself. What it serves is
 * a pure function of its configuration and the time: started again with the same seed and epoch, it
 * goes on where it would have been.
 */
public final class Simulator implements AutoCloseable {
  /** Stands in every parameter and event payload and in most outputs: it must never be kept. */
  public static final String PAYLOAD_CANARY = ApiGateway.PAYLOAD_CANARY;

  private static final int REQUESTS_KEPT = 10_000;
  private static final int TOO_MANY_REQUESTS = 429;

  /** The status of a request that nothing was answered to. */
  private static final int UNANSWERED = 0;

  private final SimulatorConfig config;
  private final Ledger ledger;
  private final Faults faults;
  private final InstantSource clock;
  private final Deque<ApiGateway.Served> served = new ArrayDeque<>();
  private final SortedMap<Instant, Requests> byMinute = new TreeMap<>();
  private final Optional<Limiter> limiter;
  private final ApiGateway gateway;
  private final LoopbackServer server;

  private Simulator(SimulatorConfig config) throws IOException {
    this.config = config;
    Fleet fleet = new Fleet(config.plan(), WorkflowCatalog.of(config.plan().lifetime()));
    SimulatedAccount account = new SimulatedAccount(fleet);
    this.ledger = new Ledger(account);
    config.giant().ifPresent(giant -> create(giant, account, config.plan().epoch()));
    ActiveInstances active = new ActiveInstances(account);
    this.faults = new Faults(config.faults());
    this.clock = config.faults().skewed(config.clock(), config.plan().epoch());
    // Catch up before anybody asks.
    active.moveTo(clock.instant());
    this.limiter = config.rateLimit().map(Limiter::new);
    this.gateway =
        new ApiGateway(
            account,
            active,
            workflow -> bytesOfStep(config, workflow),
            config.account(),
            config.token(),
            clock,
            limiter,
            faults,
            ledger,
            this::record);
    this.server = LoopbackServer.start(config.port(), gateway::respond);
  }

  /**
   * Starts a simulator; it listens when this returns.
   *
   * @throws IOException when the port cannot be had
   */
  public static Simulator start(SimulatorConfig config) throws IOException {
    return new Simulator(config);
  }

  private static void create(Giant giant, SimulatedAccount account, Instant epoch) {
    Instant at = epoch.minus(Duration.ofMinutes(30));
    int workflow = account.add(Giant.WORKFLOW, "GiantImport", "bulk", giant.code(), at);
    account.create(workflow, Optional.of(Giant.INSTANCE), at);
  }

  private static int bytesOfStep(SimulatorConfig config, String workflow) {
    return workflow.equals(Giant.WORKFLOW) ? config.giant().map(Giant::bytesOfStep).orElse(0) : 0;
  }

  /** Where the API lies, for example {@code http://127.0.0.1:40123/client/v4}. */
  public URI baseUri() {
    return URI.create("http://127.0.0.1:" + server.port() + ApiGateway.BASE);
  }

  /** Where the account's workflows lie below the host: what targets of requests begin with. */
  public String path() {
    return ApiGateway.BASE + "/accounts/" + config.account() + "/workflows";
  }

  /** The account's id in the API's paths. */
  public String account() {
    return config.account();
  }

  /**
   * Answers a request without a socket, and without faults and limit, as if nobody had asked: for
   * whoever checks what others were told.
   */
  public LoopbackResponse unspoilt(LoopbackRequest request) {
    return gateway.unspoilt(request);
  }

  /**
   * Answers a request without a socket, exactly as over one; what is delivered whole counts as
   * delivered when this returns.
   *
   * @param request its target begins with {@link #path}
   */
  public LoopbackResponse respond(LoopbackRequest request) {
    LoopbackResponse response = gateway.respond(request);
    if (response.delivery().isWhole()) {
      response.whenDelivered().run();
    }
    return response;
  }

  /** The limit on requests, with what was asked so far; empty where there is none. */
  public Optional<Limiter> limiter() {
    return limiter;
  }

  /** How many requests were rejected, because too many had come. */
  public long rejected() {
    return limiter.map(Limiter::rejected).orElse(0L);
  }

  /** The moment by the API's own clock, which a plan of faults may have put wrong. */
  public Instant now() {
    return clock.instant();
  }

  /**
   * After this moment nothing more happens in the fleet; the API goes on answering, so that readers
   * can catch up with it.
   */
  public void endFleetAt(Instant moment) {
    gateway.endFleetAt(moment);
  }

  /** After it nothing more happens in the fleet; far away where nobody said so. */
  public Instant fleetEnd() {
    return gateway.fleetEnd();
  }

  /** The faults that are to come. */
  public Faults faults() {
    return faults;
  }

  /**
   * What truly happened until this moment: every life of every instance ever created, those no
   * longer retained too.
   */
  public List<LedgerEntry> ledger(Instant at) {
    return ledger.groundTruth(at);
  }

  /** What truly happened, and what the API showed of it. */
  public Ledger ledger() {
    return ledger;
  }

  /** The latest requests that were answered, oldest first; at most 10,000. */
  public List<ApiGateway.Served> requests() {
    synchronized (served) {
      return List.copyOf(served);
    }
  }

  /** How far the clock that it stamps its answers with may be from the one that was handed in. */
  public Duration skew() {
    return config.faults().skew();
  }

  /** All requests that came, by the minute of the API's clock in which they were answered. */
  public SortedMap<Instant, Requests> requestsByMinute() {
    synchronized (served) {
      return new TreeMap<>(byMinute);
    }
  }

  /**
   * Requests of a minute.
   *
   * @param all that came
   * @param rejected those of them that were answered with 429
   * @param unanswered those of them whose connection was reset, or left open, without an answer
   */
  public record Requests(long all, long rejected, long unanswered) {
    private Requests plus(Requests more) {
      return new Requests(all + more.all, rejected + more.rejected, unanswered + more.unanswered);
    }
  }

  private void record(ApiGateway.Served request) {
    synchronized (served) {
      byMinute.merge(
          request.at().truncatedTo(ChronoUnit.MINUTES),
          new Requests(
              1,
              request.status() == TOO_MANY_REQUESTS ? 1 : 0,
              request.status() == UNANSWERED ? 1 : 0),
          Requests::plus);
      served.add(request);
      if (served.size() > REQUESTS_KEPT) {
        served.remove();
      }
    }
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    server.close();
  }
}
