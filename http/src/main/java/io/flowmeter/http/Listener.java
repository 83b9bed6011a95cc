package io.flowmeter.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server for this machine, and for others only with a password. It answers nobody who comes
 * by another host's name or from another origin's page, reads bodies up to a limit, and works on
 * few requests at a time; whoever comes when too many wait already is hung up on, and so is whoever
 * takes too long to ask or to listen.
 */
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int WAITING = 64;
  private static final Set<String> KNOWN_METHODS = Set.of("GET", "HEAD", "POST");

  /** The JDK's server reads them once, before the first is made; without them it waits for ever. */
  private static final Map<String, Duration> PATIENCE =
      Map.of(
          // From the connection on, so with the time that a request waits for its turn.
          "sun.net.httpserver.maxReqTime", Duration.ofSeconds(10),
          // With the time that the answer takes: a query may have a minute.
          "sun.net.httpserver.maxRspTime", Duration.ofSeconds(120));

  static {
    PATIENCE.forEach(
        (property, patience) -> {
          if (System.getProperty(property) == null) {
            System.setProperty(property, Long.toString(patience.toSeconds()));
          }
        });
  }

  private final HttpServer server;
  private final Callers callers;
  private final Access access;
  private final Limits limits;
  private final Function<Request, Response> handler;
  private final ExecutorService threads;

  /**
   * What a listener takes on.
   *
   * @param threads requests that are worked on at a time
   * @param bodyBytes of a request, at most
   */
  public record Limits(int threads, int bodyBytes) {}

  private Listener(
      HttpServer server,
      String host,
      Access access,
      String name,
      Limits limits,
      Function<Request, Response> handler) {
    this.server = server;
    this.callers = new Callers(host);
    this.access = access;
    this.limits = limits;
    this.handler = handler;
    this.threads = threads(name, limits.threads());
  }

  /**
   * Starts to listen. A port that is taken gives way to any free one.
   *
   * @param host an address or a name of this machine, by which it is then called, too
   * @param wishedPort 0 for any free one
   * @param access who may ask
   * @param name of its threads
   * @param handler what GET (and so HEAD) and POST are answered; other methods get 405 before
   * @throws UnprotectedListenerException where others reach the host, and access wants nothing
   * @throws IOException where nothing can listen at the host
   */
  public static Listener start(
      String host,
      int wishedPort,
      Access access,
      String name,
      Limits limits,
      Function<Request, Response> handler)
      throws IOException {
    InetAddress address = InetAddress.getByName(host);
    access.requireFor(address);
    Listener listener =
        new Listener(bind(address, wishedPort), host, access, name, limits, handler);
    listener.server.setExecutor(listener.threads);
    listener.server.createContext("/", listener::serve);
    listener.server.start();
    return listener;
  }

  private static HttpServer bind(InetAddress address, int wishedPort) throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(address, wishedPort), WAITING);
    } catch (BindException taken) {
      HttpServer other = HttpServer.create(new InetSocketAddress(address, 0), WAITING);
      LOG.warn(
          "port {} cannot be had ({}): listening at {} instead",
          wishedPort,
          taken.getMessage(),
          other.getAddress().getPort());
      return other;
    }
  }

  private static ExecutorService threads(String name, int most) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most,
            most,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Where it listens, with a path that begins with a slash. */
  public URI url(String path) {
    InetSocketAddress at = server.getAddress();
    String host = at.getAddress().getHostAddress();
    return URI.create(
        String.format(
            Locale.ROOT,
            "http://%s:%d%s",
            host.contains(":") ? "[" + host + "]" : host,
            at.getPort(),
            path));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      send(exchange, respond(exchange));
    } catch (RuntimeException e) {
      LOG.error("{} could not be answered", exchange.getRequestURI().getPath(), e);
      throw e;
    }
  }

  private Response respond(HttpExchange exchange) throws IOException {
    if (!callers.welcome(name -> exchange.getRequestHeaders().getOrDefault(name, List.of()))) {
      return Response.text(
          403, "Ask by this machine's address, and not from another site's page.\n");
    }
    boolean granted = access.granted(exchange.getRequestHeaders());
    if (!granted && !access.open().contains(exchange.getRequestURI().getPath())) {
      return Response.text(
              401,
              "Give the password of the listener: as user %s, or as a bearer token.\n"
                  .formatted(Access.USER))
          .with("WWW-Authenticate", "Basic realm=\"Flowmeter\", charset=\"UTF-8\"");
    }
    String method = exchange.getRequestMethod();
    if (!KNOWN_METHODS.contains(method)) {
      return Response.text(405, "Only GET and POST are answered.\n");
    }
    byte[] body = exchange.getRequestBody().readNBytes(limits.bodyBytes() + 1);
    if (body.length > limits.bodyBytes()) {
      return Response.text(413, "A body may have " + limits.bodyBytes() + " bytes.\n");
    }
    Response response =
        handler.apply(
            new Request(
                method.equals("HEAD") ? "GET" : method,
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders(),
                body));
    return granted ? response : response.firstLine();
  }

  private static void send(HttpExchange exchange, Response response) throws IOException {
    response.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("Content-Type", response.type());
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    byte[] body = response.body();
    if (exchange.getRequestMethod().equals("HEAD") || body.length == 0) {
      exchange.sendResponseHeaders(response.status(), -1);
    } else {
      exchange.sendResponseHeaders(response.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
