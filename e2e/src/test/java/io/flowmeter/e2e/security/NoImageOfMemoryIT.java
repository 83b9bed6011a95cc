package io.flowmeter.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory holds tokens, passwords and what passes by of instances: however a process ends, it leaves
 * no image of it.
 */
class NoImageOfMemoryIT {
  private static final String CANARY = "canary-token-in-the-environment";
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:-HeapDumpOnOutOfMemoryError",
          "-XX:-CreateCoredumpOnCrash");

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"dist/src/main/bin/flowmeter", "deploy/Dockerfile"})
  void whateverStartsFlowmeterSaysSo(String file) throws IOException {
    String text = Files.readString(Path.of(System.getProperty("flowmeter.home")).resolve(file));

    assertThat(text).contains(OPTIONS);
    assertThat(Pattern.compile("-XX:\\+HeapDump|HeapDumpPath|-XX:\\+CreateCoredump").matcher(text))
        .matches(found -> !found.find());
  }

  @Test
  @Timeout(300)
  void outOfMemoryEndsItWithAWordAndWithoutADump() throws Exception {
    Result result = run("exhaust");

    assertThat(result.code).isEqualTo(3);
    assertThat(result.output).contains("Terminating due to java.lang.OutOfMemoryError");
    assertThat(result.files).isEmpty();
  }

  @Test
  @Timeout(300)
  void aCrashOfTheJvmLeavesAReportWithoutTheEnvironmentAndNoCore() throws Exception {
    Result result = run("crash");

    assertThat(result.files).singleElement().asString().contains("hs_err_pid");
    String report = Files.readString(result.files.get(0), StandardCharsets.ISO_8859_1);
    assertThat(report).contains("SIGSEGV", "Environment Variables:").doesNotContain(CANARY);
    assertThat(result.output).doesNotContain(CANARY);
  }

  private record Result(int code, String output, List<Path> files) {}

  /**
   * With the options, in a machine that wants it otherwise, and with a token in its environment.
   */
  private Result run(String how) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx16m"));
    command.addAll(OPTIONS);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Ends.class.getName(), how));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(temp.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "JAVA_TOOL_OPTIONS",
                "-XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=" + temp,
                "CLOUDFLARE_API_TOKEN",
                CANARY));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    try (Stream<Path> left = Files.list(temp)) {
      return new Result(code, output, left.toList());
    }
  }

  /** A process that ends in a bad way, with the token on its heap. */
  static final class Ends {
    private static final List<Object> KEPT = new ArrayList<>();

    private Ends() {}

    public static void main(String[] args) throws Exception {
      KEPT.add(System.getenv("CLOUDFLARE_API_TOKEN"));
      if (args[0].equals("crash")) {
        new ProcessBuilder("kill", "-SEGV", Long.toString(ProcessHandle.current().pid()))
            .start()
            .waitFor();
        new CountDownLatch(1).await();
      }
      while (true) {
        KEPT.add(new byte[1 << 20]);
      }
    }
  }
}
