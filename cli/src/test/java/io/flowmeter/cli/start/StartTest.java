package io.flowmeter.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.backend.KafkaUnavailableException;
import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.health.Check;
import io.flowmeter.schemas.RegistryUnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StartTest {
  private final List<String> said = new ArrayList<>();
  private long nanos;
  private boolean stopped;

  private final Start start =
      new Start(
          new ProgressListener() {
            @Override
            public void onProgress(String line) {
              said.add(line);
            }

            @Override
            public void warn(String line) {
              said.add("! " + line);
            }
          },
          patience -> {
            nanos += patience.toNanos();
            return stopped;
          },
          () -> nanos);

  /** Fails in these ways, then works. */
  private static Callable<String> failing(List<? extends Exception> failures) {
    Deque<Exception> left = new ArrayDeque<>(failures);
    return () -> {
      if (!left.isEmpty()) {
        throw left.remove();
      }
      return "done";
    };
  }

  private static KafkaUnavailableException kafkaAway() {
    return new KafkaUnavailableException("nothing listens there");
  }

  @Test
  void whatIsThereIsNotTalkedAbout() throws Exception {
    assertThat(start.through(failing(List.of()))).isEqualTo("done");
    assertThat(said).isEmpty();
  }

  @Test
  void whatIsAwayIsSaidOnceThenOnceAMinuteAndWhenItIsThere() throws Exception {
    assertThat(start.through(failing(Collections.nCopies(121, kafkaAway())))).isEqualTo("done");

    assertThat(said)
        .containsExactly(
            "! waiting for Kafka, see kafka.bootstrap.servers and flowmeter doctor: nothing listens there",
            "! waiting for Kafka for 60 s now, see kafka.bootstrap.servers and flowmeter doctor: nothing listens there",
            "! waiting for Kafka for 120 s now, see kafka.bootstrap.servers and flowmeter doctor: nothing listens there",
            "Kafka is there.");
  }

  @Test
  void onePartAfterTheOtherIsWaitedFor() throws Exception {
    start.through(
        failing(
            List.of(kafkaAway(), new RegistryUnavailableException("refused", new IOException()))));

    assertThat(said)
        .hasSize(4)
        .startsWith(
            "! waiting for Kafka, see kafka.bootstrap.servers and flowmeter doctor: nothing listens there",
            "Kafka is there.",
            "! waiting for the Schema Registry, see registry.url and flowmeter doctor: refused")
        .endsWith("The Schema Registry is there.");
  }

  @Test
  void itLivesAndIsNotReadyAndSaysWhy() throws Exception {
    assertThat(start.ready()).containsExactly(new Check("start", false, "it is not over yet"));
    List<Check> checks = new ArrayList<>();
    Deque<Exception> left = new ArrayDeque<>(List.of(kafkaAway(), kafkaAway()));
    start.through(
        () -> {
          checks.addAll(start.live());
          checks.addAll(start.ready());
          if (!left.isEmpty()) {
            throw left.remove();
          }
        });

    assertThat(checks)
        .endsWith(
            new Check("start", true, "waits for Kafka, for 2 s: nothing listens there"),
            new Check("start", false, "waits for Kafka, for 2 s: nothing listens there"));
    assertThat(start.live()).containsExactly(new Check("start", true, "it is not over yet"));
  }

  @Test
  void whoAnswersThatItCannotBeUsedIsThere() {
    UnusableBackendException refused = new UnusableBackendException("it refused the login");
    assertThatThrownBy(() -> start.through(failing(List.of(kafkaAway(), refused))))
        .isSameAs(refused);
    assertThat(said).hasSize(2).endsWith("Kafka is there.");
  }

  @Test
  void aStopEndsTheWait() {
    stopped = true;
    assertThatThrownBy(() -> start.through(failing(List.of(kafkaAway()))))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void whoGivesUpBeginsNothingMore() {
    start.giveUp();
    assertThatThrownBy(() -> start.through(failing(List.of())))
        .isInstanceOf(InterruptedException.class);
  }

  private static Stream<Exception> whatWaitingMends() {
    return Stream.of(
        kafkaAway(),
        new IllegalStateException("no topic", new TimeoutException("60 s")),
        new IllegalStateException("30 s", new java.util.concurrent.TimeoutException()),
        new RegistryUnavailableException("refused", new IOException()),
        new IllegalStateException("tables", new SQLException("refused", new ConnectException())));
  }

  @ParameterizedTest
  @MethodSource("whatWaitingMends")
  void whatIsAwayIsKnownFromWhateverItIsWrappedIn(Exception failure) throws Exception {
    assertThat(start.through(failing(List.of(failure)))).isEqualTo("done");
    assertThat(nanos).isEqualTo(Duration.ofSeconds(1).toNanos());
  }

  private static Stream<Exception> whatItDoesNotMend() {
    return Stream.of(
        new UnusableBackendException(
            "it refused the login", new SaslAuthenticationException("wrong password")),
        new SQLException("wrong password", "", 516),
        new SQLException("a certificate", new SSLHandshakeException("untrusted")),
        new IllegalArgumentException("a bug"));
  }

  @ParameterizedTest
  @MethodSource("whatItDoesNotMend")
  void whatWaitingDoesNotMendEndsTheStart(Exception failure) {
    assertThatThrownBy(() -> start.through(failing(List.of(failure)))).isSameAs(failure);
    assertThat(said).isEmpty();
    assertThat(nanos).isZero();
  }
}
