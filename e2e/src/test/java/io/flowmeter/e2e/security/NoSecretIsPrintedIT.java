package io.flowmeter.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is said where all goes well; what is said of trouble is in CanariesInMessagesIT. */
class NoSecretIsPrintedIT {
  @RegisterExtension static final WithSecuredBackends STARTED = new WithSecuredBackends();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path temp;

  /** It tells how to ask ClickHouse, whose password is configured here. */
  @Test
  void upOnPartsThatAnswer() throws Exception {
    Map<String, String> settings = STARTED.get().settings();
    settings.put("data.dir", temp.toString());
    List<String> command = new ArrayList<>(List.of("up"));
    settings.forEach((name, value) -> command.addAll(List.of("--" + name, value)));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Console console = Console.plain(new PrintStream(said, true, StandardCharsets.UTF_8));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> code =
          thread.submit(() -> Flowmeter.run(command.toArray(String[]::new), Map.of(), console));
      await("the command to end or to run")
          .atMost(PATIENCE)
          .until(() -> code.isDone() || text(said).contains("Ctrl-C stops"));
      thread.shutdownNow();
      code.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      thread.shutdownNow();
    }

    assertThat(text(said))
        .contains("curl -sS -u 'flowmeter_reader' 'https://127.0.0.1:")
        .doesNotContain("canary");
  }

  private static String text(ByteArrayOutputStream said) {
    return said.toString(StandardCharsets.UTF_8);
  }
}
