package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import io.flowmeter.clock.Clock;
import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A body of a gibibyte, of whatever it is made. It is neither held nor waited for to its end. */
class EndlessBodyIT {
  private static final long GIBIBYTE = 1L << 30;
  private static final long HELD_AT_MOST = 128L << 20;
  private static final Duration BODY_WITHIN = Duration.ofMillis(700);
  private static final Duration PATIENT = Duration.ofSeconds(30);

  @ParameterizedTest
  @CsvSource({
    "'{\"result\":[{\"id\":\"', x", // a name without an end
    "'{\"result\":[', ' '", // nothing at all
    "'{\"result\":[', '['", // ever deeper
    "'{\"result\":[{\"id\":', 9", // a number without an end
    "'', '\u0001'" // no JSON
  })
  void isGivenUp(String begins, char goesOn) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread answers = new Thread(() -> serve(server, begins, goesOn), "endless");
      answers.setDaemon(true);
      answers.start();
      SourceSettings settings =
          new SourceSettings(
              URI.create("http://127.0.0.1:" + server.getLocalPort()),
              Optional.of("account"),
              Optional.of(ApiToken.of("tok-0123456789")),
              PATIENT,
              PATIENT,
              BODY_WITHIN,
              1_000_000,
              1,
              1,
              ErrorPrivacy.SCRUBBED,
              InstanceIds.KEPT);
      Clock clock = new SteppedClock(Instant.EPOCH);
      WorkflowsApiClient api =
          new WorkflowsApiClient(
              settings,
              Budget.unlimited(clock),
              new Telemetry(clock),
              clock,
              new HttpTransport(settings));
      try (Source source = new ProductionSource(settings.address(), "account", api)) {
        long before = allocated();
        ApiFailureException failure =
            catchThrowableOfType(
                ApiFailureException.class,
                () -> source.workflows(source.budget().acquire(Priority.USUAL), Optional.empty()));

        assertThat(failure).isNotNull();
        assertThat(failure.failure())
            .isInstanceOfAny(
                ApiFailure.Malformed.class, ApiFailure.TimedOut.class, ApiFailure.NotJson.class);
        assertThat(allocated() - before).isLessThan(HELD_AT_MOST);
      }
    }
  }

  /** By this thread, which reads the body. */
  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static void serve(ServerSocket server, String begins, char goesOn) {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(GIBIBYTE, begins);
    byte[] more = new byte[1 << 16];
    Arrays.fill(more, (byte) goesOn);
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        OutputStream body = socket.getOutputStream();
        body.write(head.getBytes(StandardCharsets.US_ASCII));
        for (long left = GIBIBYTE - begins.length(); left > 0; left -= more.length) {
          body.write(more);
        }
      } catch (IOException e) {
        // Hung up on, and perhaps asked again.
        continue;
      }
    }
  }
}
