package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpTransportIT {
  private static final Duration SOON = Duration.ofMillis(300);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private HttpTransport transport;

  @BeforeEach
  void listen() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/answers",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.createContext(
        "/hangs",
        exchange -> {
          asked.countDown();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    server.start();
    transport =
        new HttpTransport(
            new SourceSettings(
                uri(""),
                Optional.empty(),
                Optional.empty(),
                SOON,
                SOON,
                SOON,
                1200,
                1,
                8,
                ErrorPrivacy.SCRUBBED,
                InstanceIds.KEPT));
  }

  @AfterEach
  void stop() {
    over.countDown();
    transport.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private HttpRequest request(String path, Duration timeout) {
    return HttpRequest.newBuilder(uri(path)).timeout(timeout).build();
  }

  @Test
  void whoWaitedInVainWhileNobodyWasAnsweredTakesAnotherConnection() throws Exception {
    transport.send(request("/answers", Duration.ofSeconds(30)));
    HttpClient before = transport.client();

    assertThatThrownBy(() -> transport.send(request("/hangs", SOON)))
        .isInstanceOf(HttpTimeoutException.class);

    assertThat(transport.client()).isNotSameAs(before);
    assertThat(transport.send(request("/answers", Duration.ofSeconds(30))).status()).isEqualTo(204);
  }

  @Test
  void whereOthersAreAnsweredTheConnectionIsNotToBlame() throws Exception {
    HttpClient before = transport.client();
    threads.submit(
        () -> {
          asked.await();
          return transport.send(request("/answers", Duration.ofSeconds(30)));
        });

    assertThatThrownBy(() -> transport.send(request("/hangs", Duration.ofSeconds(2))))
        .isInstanceOf(HttpTimeoutException.class);

    assertThat(transport.client()).isSameAs(before);
  }
}
