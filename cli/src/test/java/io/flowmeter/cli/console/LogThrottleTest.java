package io.flowmeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogThrottleTest {
  private static final String GONE = "Connection to node {} ({}) could not be established.";

  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger talkative = context.getLogger("talkative");
  private final Logger other = context.getLogger("other");
  private long nanos;

  @BeforeEach
  void start() {
    context.addTurboFilter(new LogThrottle(Set.of("talkative"), () -> nanos));
    lines.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(lines);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void aWarningIsToldOnceAMinuteWhoeverSaysItAndOfWhichever() {
    for (int second = 0; second < 120; second++) {
      talkative.warn("[AdminClient clientId=adminclient-" + second + "] " + GONE, second, "there");
      talkative.warn("[Producer clientId=producer-1] " + GONE, -1, "elsewhere");
      pass(Duration.ofSeconds(1));
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "[AdminClient clientId=adminclient-0] Connection to node 0 (there) could not be established.",
            "[AdminClient clientId=adminclient-60] Connection to node 60 (there) could not be established.");
  }

  @Test
  void valuesThatStandInTheMessageItselfMakeNoOtherOfIt() {
    for (int time = 0; time < 10; time++) {
      talkative.warn("Query failed (attempt " + time + " of 4, queryId: 03402b97-" + time + ")");
    }
    assertThat(lines.list).hasSize(1);
  }

  @Test
  void otherLinesOtherLevelsAndOtherLoggersAreTold() {
    for (int time = 0; time < 3; time++) {
      other.warn(GONE, 1, "there");
      talkative.error(GONE, 1, "there");
      talkative.info(GONE, 1, "there");
      talkative.warn("something else {}", time);
    }
    assertThat(lines.list).hasSize(10);
  }
}
