package io.flowmeter.embedded;

import static io.flowmeter.embedded.ClickHouseClient.USERS;
import static io.flowmeter.embedded.RegistryClient.RECORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledParentIT {
  @TempDir Path directory;

  @Test
  void serversEndWithParentAndRestartWorksAtOnce() throws Exception {
    Process parent = TestJvm.run(Parent.class, directory.toString());
    String started = parent.inputReader().readLine();
    assertThat(started).as("process ids of the servers; the parent's error is above").isNotNull();
    List<Long> children = Arrays.stream(started.split(" ")).map(Long::valueOf).toList();
    assertThat(children).hasSize(2).allMatch(KilledParentIT::isRunning);

    parent.destroyForcibly().waitFor();

    // Does not wait for the old servers to end; the new ones wait.
    try (EmbeddedStack stack = stack(directory)) {
      assertThat(ClickHouseClient.reader(stack.clickHouse()).run("SELECT a FROM flowmeter.t"))
          .isEqualTo("7");
      assertThat(new RegistryClient(stack.registry().url()).compatibility("s-value"))
          .contains("FULL_TRANSITIVE");
      try (Admin admin = admin(stack)) {
        assertThat(admin.listTopics().names().get()).containsExactly("t");
      }
    }
    await("the end of all children")
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(children).noneMatch(KilledParentIT::isRunning));
  }

  private static EmbeddedStack stack(Path directory) {
    return EmbeddedStack.in(directory)
        .withKafka(0)
        .withRegistry(0)
        .withClickHouse(0, USERS)
        .start();
  }

  private static Admin admin(EmbeddedStack stack) {
    return Admin.create(Map.of("bootstrap.servers", stack.kafka().bootstrapServers()));
  }

  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /**
   * Starts all services, writes a little to each, prints the children's process IDs and waits to be
   * killed.
   */
  static final class Parent {
    public static void main(String[] args) {
      try {
        startAndWait(args);
      } catch (Exception e) {
        e.printStackTrace();
        // The servers' threads would keep the JVM running.
        Runtime.getRuntime().halt(1);
      }
    }

    private static void startAndWait(String[] args) throws Exception {
      EmbeddedStack stack = stack(Path.of(args[0]));
      ClickHouseClient writer = ClickHouseClient.writer(stack.clickHouse());
      writer.run("CREATE DATABASE flowmeter");
      writer.run("CREATE TABLE flowmeter.t (a Int64) ENGINE = MergeTree ORDER BY a");
      writer.run("INSERT INTO flowmeter.t VALUES (7)");
      RegistryClient registry = new RegistryClient(stack.registry().url());
      registry.register("s-value", RECORD);
      registry.setCompatibility("s-value", "FULL_TRANSITIVE");
      try (Admin admin = admin(stack)) {
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
      }
      System.out.println(stack.registry().pid() + " " + stack.clickHouse().pid());
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
