package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.embedded.EmbeddedKafkaCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * What starts goes on, whoever is paused meanwhile. It takes some minutes, which the build has not
 * got: {@code mvn verify -Pnightly} runs it.
 */
@Tag("nightly")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class StartIT {
  /** Longer than any patience of a client. */
  private static final Duration PAUSE = Duration.ofSeconds(65);

  private static final List<Duration> MOMENTS =
      List.of(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));

  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "start");

  private Path home;
  private OperatorBackends place;

  @BeforeEach
  void parts(TestInfo test) throws Exception {
    home = DIRECTORY.resolve(test.getTestMethod().orElseThrow().getName());
    FreshDirectory.at(home);
    place = OperatorBackends.startQuietly(home);
  }

  @AfterEach
  void noParts() {
    place.close();
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start().waitFor();
    assertThat(code).isZero();
  }

  private static void signalAll(String signal, EmbeddedKafkaCluster kafka)
      throws IOException, InterruptedException {
    for (int node : kafka.nodes()) {
      signal(signal, kafka.pid(node));
    }
  }

  /** Time itself is what is tried here. */
  private static void pass(Duration time) {
    await().pollDelay(time).atMost(time.plusSeconds(30)).until(() -> true);
  }

  @Test
  void whatIsPausedWhileItStartsGoesOn() throws Exception {
    place.migrate();
    List<Service> started = new ArrayList<>();
    try {
      for (Duration moment : MOMENTS) {
        for (String command : List.of("ingest", "stream")) {
          Service service = place.start(command + "-" + moment.toSeconds(), command);
          started.add(service);
          service.awaitEvent("starting");
          if (!moment.isZero()) {
            pass(moment);
          }
          signal("STOP", service.pid());
          System.out.printf(
              "start: %s, paused %d s after it began, %s%n",
              command,
              moment.toSeconds(),
              service.events("started").isEmpty() ? "starting" : "started already");
        }
      }
      pass(PAUSE);
      for (Service service : started) {
        signal("CONT", service.pid());
      }
      for (Service service : started) {
        service.awaitEvent("started");
        assertThat(service.isAlive()).as(service.said()).isTrue();
      }
    } finally {
      started.forEach(Service::close);
    }
  }

  @Test
  void brokersThatArePausedAreWaitedFor() throws Exception {
    try (EmbeddedKafkaCluster kafka = EmbeddedKafkaCluster.start(home.resolve("brokers"), 3)) {
      place.set("FLOWMETER_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
      place.migrate();
      signalAll("STOP", kafka);
      try (Service ingest = place.start("ingest-1", "ingest");
          Service stream = place.start("stream-1", "stream")) {
        ingest.awaitEvent("backend_unavailable");
        stream.awaitEvent("backend_unavailable");
        assertThat(ingest.said()).contains("it did not answer within 20 s");
        pass(PAUSE);
        assertThat(ingest.isAlive()).as(ingest.said()).isTrue();
        assertThat(stream.isAlive()).as(stream.said()).isTrue();
        signalAll("CONT", kafka);
        ingest.awaitEvent("started");
        stream.awaitEvent("started");
      } finally {
        signalAll("CONT", kafka);
      }
    }
  }
}
