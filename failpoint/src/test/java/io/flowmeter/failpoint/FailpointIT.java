package io.flowmeter.failpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.failpoint.Armed.Arming;
import io.flowmeter.failpoint.Failpoint.Command;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FailpointIT {

  /** Reaches the same failpoint three times, and prints a line each time. */
  public static final class ReachesFailpointThreeTimes {
    private ReachesFailpointThreeTimes() {}

    public static void main(String[] args) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shut down")));
      for (int time = 1; time <= 3; time++) {
        Failpoint.INSERT_AFTER.reached();
        System.out.println("passed " + time);
      }
    }
  }

  private record ProcessResult(int code, String output) {}

  @Test
  void unarmedProcessPasses() throws Exception {
    assertThat(run("")).isEqualTo(new ProcessResult(0, "passed 1 passed 2 passed 3 shut down "));
  }

  @Test
  void armedProcessHaltsAtNthHit() throws Exception {
    assertThat(run(Failpoint.INSERT_AFTER.armedFor(2)))
        .isEqualTo(new ProcessResult(Failpoint.EXIT_CODE, "passed 1 "));
  }

  @Test
  void hitsBeforeWorkTimeDoNotCount() throws Exception {
    assertThat(run(Failpoint.INSERT_AFTER.armedFor(1, Duration.ofMinutes(5))).code()).isZero();
  }

  @Test
  void processArmedWithAnotherFailpointPasses() throws Exception {
    assertThat(run(Failpoint.INSERT_BEFORE.armedFor(1)).code()).isZero();
  }

  @Test
  void everyFailpointIsParsedByName() {
    for (Failpoint point : Failpoint.values()) {
      assertThat(Arming.of(point.armedFor(7))).isEqualTo(new Arming(point, 7, Duration.ZERO));
      assertThat(Arming.of(point.armedFor(7, Duration.ofSeconds(20))))
          .isEqualTo(new Arming(point, 7, Duration.ofSeconds(20)));
    }
  }

  @Test
  void everyFailpointBelongsToOneCommand() {
    assertThat(Arrays.stream(Command.values()).flatMap(command -> Failpoint.of(command).stream()))
        .containsExactlyInAnyOrder(Failpoint.values());
  }

  @Test
  void invalidFailpointIsRejected() {
    for (String text :
        new String[] {
          "insert", "insert-after", "insert-after:0", "insert-after:1@", ":1", "x:1", ""
        }) {
      assertThatThrownBy(() -> Arming.of(text))
          .hasMessageContaining(
              "expected a failpoint and a number from 1, such as insert-before:3");
    }
  }

  private static ProcessResult run(String armed) throws IOException, InterruptedException {
    String classes =
        String.join(
            File.pathSeparator,
            Stream.of(Failpoint.class, FailpointIT.class).map(FailpointIT::codeOf).toList());
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes,
                ReachesFailpointThreeTimes.class.getName())
            .redirectErrorStream(true);
    if (!armed.isEmpty()) {
      builder.environment().put(Failpoint.VARIABLE, armed);
    }
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the process has ended").isTrue();
    return new ProcessResult(process.exitValue(), output.replace('\n', ' '));
  }

  private static String codeOf(Class<?> type) {
    return Path.of(
            java.net.URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }
}
