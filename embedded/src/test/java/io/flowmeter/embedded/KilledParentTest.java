package io.flowmeter.embedded;

import static io.flowmeter.embedded.ClickHouseClient.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledParentTest {
  @TempDir Path directory;

  @Test
  void theServersEndWithTheirParentAndALaterOneGoesOnAtOnce() throws Exception {
    Process parent = TestJvm.run(Parent.class, directory.toString());
    List<Long> children =
        Arrays.stream(parent.inputReader().readLine().split(" ")).map(Long::valueOf).toList();
    assertThat(children).hasSize(2).allMatch(KilledParentTest::isRunning);

    parent.destroyForcibly().waitFor();

    // Without waiting for the old servers: the new ones do.
    try (EmbeddedStack stack =
        EmbeddedStack.in(directory).withKafka(0).withRegistry(0).withClickHouse(0, USERS).start()) {
      assertThat(stack.parts()).allMatch(EmbeddedPart::isAlive);
      assertThat(ClickHouseClient.reader(stack.clickHouse()).run("SELECT a FROM flowmeter.t"))
          .isEqualTo("7");
    }
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(children).noneMatch(KilledParentTest::isRunning));
  }

  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Starts all, writes a row, tells the children's process ids and waits to be killed. */
  static final class Parent {
    public static void main(String[] args) throws Exception {
      EmbeddedStack stack =
          EmbeddedStack.in(Path.of(args[0]))
              .withKafka(0)
              .withRegistry(0)
              .withClickHouse(0, USERS)
              .start();
      ClickHouseClient writer = ClickHouseClient.writer(stack.clickHouse());
      writer.run("CREATE DATABASE flowmeter");
      writer.run("CREATE TABLE flowmeter.t (a Int64) ENGINE = MergeTree ORDER BY a");
      writer.run("INSERT INTO flowmeter.t VALUES (7)");
      System.out.println(stack.registry().pid() + " " + stack.clickHouse().pid());
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
