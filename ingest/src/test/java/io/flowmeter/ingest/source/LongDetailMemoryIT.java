package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.failsafe.Failsafe;
import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.observation.Step;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** What a detail of 25,000 steps takes, however much their outputs hold: here 1 GB in all. */
class LongDetailMemoryIT {
  private static final int STEPS = 25_000;

  /** Of each step, half of it in fields whose names no other output has. */
  private static final int OUTPUT_BYTES = 24_000;

  private static final int PARAMS_BYTES = 150_000_000;
  private static final int LONGEST_OUTPUT_BYTES = 200_000_000;
  private static final int MESSAGE_BYTES = 50_000_000;

  private static final String MAX_HEAP = "16m";

  /**
   * One of each library that the client needs. The tests' own class path has brokers and more on
   * it, whose directories the JVM would hold in the same heap.
   */
  private static final List<Class<?>> NEEDED =
      List.of(
          LongDetailProcess.class,
          Source.class,
          Clock.class,
          Step.class,
          SpecificRecord.class,
          JsonParser.class,
          JsonNode.class,
          JsonInclude.class,
          Failsafe.class,
          Serde.class,
          Logger.class);

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
    try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
      body.write(
          utf8("{\"success\":true,\"result\":{\"status\":\"errored\",\"params\":{\"payload\":\""));
      fill(body, PARAMS_BYTES);
      body.write(utf8("\"},\"output\":\""));
      fill(body, LONGEST_OUTPUT_BYTES);
      body.write(utf8("\",\"error\":{\"name\":\"RangeError\",\"message\":\""));
      fill(body, MESSAGE_BYTES);
      body.write(utf8("\"},\"queued\":\"2026-11-24T12:00:00.000Z\",\"steps\":["));
      for (int i = 0; i < STEPS; i++) {
        step(body, i);
      }
      body.write(utf8("]}}"));
    }
  }

  private static void step(OutputStream body, int index) throws IOException {
    body.write(
        utf8(
            (index == 0 ? "" : ",")
                + "{\"name\":\"charge the card of the "
                + index
                + "th order-1\",\"type\":\"step\",\"start\":\"2026-11-24T12:00:01.000Z\",\"end\":\"2026-11-24T12:00:02.000Z\","
                + "\"success\":true,\"config\":{\"retries\":{\"limit\":5,\"delay\":\"10 seconds\",\"backoff\":\"exponential\"},"
                + "\"timeout\":\"10 minutes\"},\"attempts\":[{\"start\":\"2026-11-24T12:00:01.000Z\","
                + "\"end\":\"2026-11-24T12:00:02.000Z\",\"success\":true,\"error\":null}],\"output\":{\"as text\":\""));
    fill(body, OUTPUT_BYTES / 2);
    StringBuilder fields = new StringBuilder("\"");
    for (int field = 0; fields.length() < OUTPUT_BYTES / 2; field++) {
      fields.append(",\"customer ").append(index).append('/').append(field).append("\":[{}]");
    }
    body.write(utf8(fields.append("}}").toString()));
  }

  private static void fill(OutputStream body, int bytes) throws IOException {
    byte[] block = new byte[10_000];
    Arrays.fill(block, (byte) 'x');
    for (int left = bytes; left > 0; left -= block.length) {
      body.write(block, 0, Math.min(left, block.length));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String classPath() throws URISyntaxException {
    StringJoiner path = new StringJoiner(File.pathSeparator);
    for (Class<?> needed : NEEDED) {
      URL location = needed.getProtectionDomain().getCodeSource().getLocation();
      path.add(Path.of(location.toURI()).toString());
    }
    return path.toString();
  }

  @Test
  void outputsParamsAndAllButTheBeginningOfMessagesAreSkippedWithoutBeingHeld() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + MAX_HEAP,
                    "-XX:+UseSerialGC",
                    "-cp",
                    classPath(),
                    LongDetailProcess.class.getName(),
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/client/v4"))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said)
        .contains(STEPS + " steps, " + STEPS + " attempts")
        .contains("output of " + (LONGEST_OUTPUT_BYTES + 2) + " bytes, message cut: true");
  }
}
