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
 * An HTTP server for this machine, and for other machines only with a password.
 *
 * <p>It rejects requests that name another host or come from another origin's page. It limits the
 * size of request bodies and the number of concurrent requests. It closes a connection if too many
 * requests are waiting already, or if the client is too slow to send or to read.
 */
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int WAITING = 64;
  private static final Set<String> KNOWN_METHODS = Set.of("GET", "HEAD", "POST");

  /**
   * Time limits. The JDK's server reads them once, before the first server is created. Without them
   * it waits forever.
   */
  private static final Map<String, Duration> TIME_LIMITS =
      Map.of(
          // Counts from the connection on, so it includes the time that a request waits for a
          // thread.
          "sun.net.httpserver.maxReqTime", Duration.ofSeconds(10),
          // Includes the time to compute the response: a query may take a minute.
          "sun.net.httpserver.maxRspTime", Duration.ofSeconds(120));

  static {
    TIME_LIMITS.forEach(
        (property, limit) -> {
          if (System.getProperty(property) == null) {
            System.setProperty(property, Long.toString(limit.toSeconds()));
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
   * The limits of a listener.
   *
   * @param threads maximum number of concurrent requests
   * @param bodyBytes maximum size of a request body
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
   * Starts to listen. If the port is in use, any free port is used instead.
   *
   * @param host an address or a name of this machine; requests may use it as host
   * @param preferredPort 0 for any free port
   * @param name of its threads
   * @param handler responds to GET (and so HEAD) and POST; other methods get 405 without reaching
   *     it
   * @throws UnprotectedListenerException if other machines can reach the host and access requires
   *     no password
   * @throws IOException if it is not possible to listen at the host
   */
  public static Listener start(
      String host,
      int preferredPort,
      Access access,
      String name,
      Limits limits,
      Function<Request, Response> handler)
      throws IOException {
    InetAddress address = InetAddress.getByName(host);
    access.requireFor(address);
    Listener listener =
        new Listener(bind(address, preferredPort), host, access, name, limits, handler);
    listener.server.setExecutor(listener.threads);
    listener.server.createContext("/", listener::serve);
    listener.server.start();
    return listener;
  }

  private static HttpServer bind(InetAddress address, int preferredPort) throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(address, preferredPort), WAITING);
    } catch (BindException taken) {
      HttpServer other = HttpServer.create(new InetSocketAddress(address, 0), WAITING);
      LOG.warn(
          "port {} is not available ({}); listening at {} instead",
          preferredPort,
          taken.getMessage(),
          other.getAddress().getPort());
      return other;
    }
  }

  private static ExecutorService threads(String name, int count) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            count,
            count,
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

  /** Returns the listener's URL with this path, which starts with a slash. */
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
      LOG.error("request for {} failed", exchange.getRequestURI().getPath(), e);
      throw e;
    }
  }

  private Response respond(HttpExchange exchange) throws IOException {
    if (!callers.accepts(name -> exchange.getRequestHeaders().getOrDefault(name, List.of()))) {
      return Response.text(
          403, "Use this machine's address, and do not send requests from another site's page.\n");
    }
    boolean granted = access.granted(exchange.getRequestHeaders());
    if (!granted && !access.open().contains(exchange.getRequestURI().getPath())) {
      return Response.text(
              401,
              "A password is required. Send it as user %s with basic authentication, or as a bearer token.\n"
                  .formatted(Access.USER))
          .with("WWW-Authenticate", "Basic realm=\"Flowmeter\", charset=\"UTF-8\"");
    }
    String method = exchange.getRequestMethod();
    if (!KNOWN_METHODS.contains(method)) {
      return Response.text(405, "Only GET and POST are supported.\n");
    }
    byte[] body = exchange.getRequestBody().readNBytes(limits.bodyBytes() + 1);
    if (body.length > limits.bodyBytes()) {
      return Response.text(413, "The limit for a body is " + limits.bodyBytes() + " bytes.\n");
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
