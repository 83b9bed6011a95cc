package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a detail of 25,000 steps takes, however much their outputs hold. */
class LongDetailMemoryTest {
  private static final int STEPS = 25_000;

  /** Of each step; the whole body is some 300 MB. */
  private static final int OUTPUT_BYTES = 12_000;

  /** The steps themselves take some 15 MiB, the client and the JVM the rest. */
  private static final String MAX_HEAP = "24m";

  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    byte[] output = "x".repeat(OUTPUT_BYTES / 2).getBytes(StandardCharsets.US_ASCII);
    try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
      body.write(
          utf8("{\"success\":true,\"result\":{\"status\":\"complete\",\"params\":{\"payload\":\""));
      for (int i = 0; i < 1_000; i++) {
        body.write(output);
      }
      body.write(
          utf8(
              "\"},\"queued\":\"2026-11-24T12:00:00.000Z\",\"start\":\"2026-11-24T12:00:00.100Z\","
                  + "\"end\":\"2026-11-24T13:00:00.000Z\",\"steps\":["));
      for (int i = 0; i < STEPS; i++) {
        step(body, i, output);
      }
      body.write(utf8("]}}"));
    }
  }

  private static void step(OutputStream body, int index, byte[] output) throws IOException {
    String attempt =
        "{\"start\":\"2026-11-24T12:00:01.000Z\",\"end\":\"2026-11-24T12:00:02.000Z\",\"success\":true,\"error\":null}";
    body.write(
        utf8(
            (index == 0 ? "" : ",")
                + "{\"name\":\"charge the card of the "
                + index
                + "th order-1\",\"type\":\"step\",\"start\":\"2026-11-24T12:00:01.000Z\",\"end\":\"2026-11-24T12:00:02.000Z\","
                + "\"success\":true,\"config\":{\"retries\":{\"limit\":5,\"delay\":\"10 seconds\",\"backoff\":\"exponential\"},"
                + "\"timeout\":\"10 minutes\"},\"attempts\":["
                + attempt
                + "],\"output\":{\"as text\":\""));
    body.write(output);
    body.write(utf8("\",\"key-" + index + "\":\""));
    body.write(output);
    body.write(utf8("\"}}"));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void outputsAndParamsAreSkippedWithoutBeingHeld() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + MAX_HEAP,
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LongDetailProcess.class.getName(),
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/client/v4"))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains(STEPS + " steps, " + STEPS + " attempts");
  }
}
