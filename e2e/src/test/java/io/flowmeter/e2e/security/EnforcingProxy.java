package io.flowmeter.e2e.security;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Stands before a server that can neither speak TLS nor ask for credentials, and demands both, as a
 * secured server would.
 */
final class EnforcingProxy implements AutoCloseable {
  /** Each leg's own; what HTTP clients do not let anybody set. */
  private static final Set<String> OF_A_LEG =
      Set.of(
          "connection", "content-length", "expect", "host", "transfer-encoding", "upgrade", "date");

  private final HttpsServer server;
  private final URI upstream;
  private final Predicate<String> authorized;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger passed = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  /**
   * @param upstream the server behind, with nothing but its host and port
   * @param authorized which values of the header Authorization, or "" without one, are let through
   */
  EnforcingProxy(TestCertificate certificate, URI upstream, Predicate<String> authorized)
      throws Exception {
    this.upstream = upstream;
    this.authorized = authorized;
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /** By the address that is in the certificate. */
  URI url(String path) {
    return URI.create("https://127.0.0.1:" + port() + path);
  }

  int port() {
    return server.getAddress().getPort();
  }

  int passed() {
    return passed.get();
  }

  int refused() {
    return refused.get();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (!authorized.test(given == null ? "" : given)) {
        refused.incrementAndGet();
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      passed.incrementAndGet();
      pass(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pass(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(upstream.resolve(exchange.getRequestURI().toString()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!OF_A_LEG.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!OF_A_LEG.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
              }
            });
    try (InputStream answer = response.body()) {
      exchange.sendResponseHeaders(response.statusCode(), 0);
      try (OutputStream out = exchange.getResponseBody()) {
        answer.transferTo(out);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
