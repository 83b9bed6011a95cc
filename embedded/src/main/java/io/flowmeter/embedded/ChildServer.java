package io.flowmeter.embedded;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An HTTP server in a child JVM, from its start until it is stopped or dies. */
final class ChildServer {
  private static final Logger log = LoggerFactory.getLogger(ChildServer.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_GRACE = Duration.ofMillis(4_500);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int RESPONSE_LIMIT_MILLIS = 2_000;
  private static final int ATTEMPTS = 3;

  private final String name;
  private final int port;
  private final ChildJvm child;
  private final CompletableFuture<EmbeddedServiceException> death = new CompletableFuture<>();
  private boolean stopped;

  private ChildServer(String name, int port, ChildJvm child) {
    this.name = name;
    this.port = port;
    this.child = child;
  }

  /**
   * Starts a server and returns when it is ready. The server binds the port itself, so another
   * process can take the port first. In that case another port is tried.
   *
   * @param launch runs the child for a port
   * @param readyPath the path that responds with 200 when the server is ready
   * @throws EmbeddedServiceException if the child ends early, or is not ready within 60 s
   */
  static ChildServer start(
      String name, int preferredPort, IntFunction<ChildJvm> launch, String readyPath) {
    int port = Loopback.freePort(preferredPort);
    for (int attempt = 1; ; attempt++) {
      ChildServer server = new ChildServer(name, port, launch.apply(port));
      try {
        server.awaitReady(readyPath);
        server.watch();
        return server;
      } catch (EmbeddedServiceException e) {
        server.stop();
        int free = Loopback.freePort(port);
        if (free == port || attempt == ATTEMPTS) {
          throw e;
        }
        log.info("Another process took port {} before {} could; trying {}", port, name, free);
        port = free;
      }
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return child.pid();
  }

  synchronized boolean isAlive() {
    return !stopped && child.isAlive();
  }

  CompletionStage<EmbeddedServiceException> death() {
    return death.minimalCompletionStage();
  }

  /** Stops the server and waits for it. Returns false if it was stopped before. */
  boolean stop() {
    synchronized (this) {
      if (stopped) {
        return false;
      }
      stopped = true;
    }
    child.stop(STOP_GRACE);
    return true;
  }

  /** Kills the server as {@code kill -9} does. Returns false if it was stopped before. */
  boolean kill() {
    synchronized (this) {
      if (stopped) {
        return false;
      }
      stopped = true;
    }
    child.kill();
    return true;
  }

  /** Stops the server by a signal, and waits without a limit. */
  void terminate() {
    synchronized (this) {
      stopped = true;
    }
    child.terminate();
  }

  // Only the callback is needed, not the future.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void watch() {
    child.onExit().thenRun(this::ended);
  }

  private void ended() {
    synchronized (this) {
      if (stopped) {
        return;
      }
    }
    EmbeddedServiceException cause =
        new EmbeddedServiceException(
            "The embedded %s ended unexpectedly: its %s".formatted(name, child.describe()));
    log.error(cause.getMessage());
    death.complete(cause);
  }

  private void awaitReady(String readyPath) {
    URI address = URI.create("http://%s:%d%s".formatted(Loopback.HOST, port, readyPath));
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    String last = "no response yet";
    try {
      while (System.nanoTime() < deadline) {
        if (!child.isAlive()) {
          throw new EmbeddedServiceException(
              "The embedded %s did not start: its %s".formatted(name, child.describe()));
        }
        try {
          int status = statusOf(address);
          if (status == 200 && child.isAlive()) {
            return;
          }
          last = "status " + status;
        } catch (IOException notYet) {
          last = notYet.toString();
        }
        Thread.sleep(POLL.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServiceException("Interrupted while the embedded " + name + " started", e);
    }
    throw new EmbeddedServiceException(
        "The embedded %s did not respond on %s within %d s. Last result: %s. Its %s"
            .formatted(name, address, START_LIMIT.toSeconds(), last, child.describe()));
  }

  private static int statusOf(URI address) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(RESPONSE_LIMIT_MILLIS);
    connection.setReadTimeout(RESPONSE_LIMIT_MILLIS);
    // A connection that stays open would delay the server's stop.
    connection.setRequestProperty("Connection", "close");
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }
}
