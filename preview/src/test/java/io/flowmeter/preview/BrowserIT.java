package io.flowmeter.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.http.Access;
import io.flowmeter.testkit.ClickHouseServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Looks at the page in a real browser, on a day of two workflows. What is looked at, and what must
 * be seen, stands in {@code src/test/browser/look.mjs}; pictures are in {@code target/screenshots}.
 */
class BrowserIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  @TestFactory
  @Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  Stream<DynamicTest> thePageShowsWhatItShould() throws Exception {
    server.startWithOddRuns();
    for (String statement : Shapes.canary()) {
      server.execute(statement);
    }
    List<JsonNode> looks;
    try (PreviewServer preview =
        PreviewServer.start(
            "127.0.0.1", 0, Access.THIS_MACHINE, server.reader(), Shapes.andAllPacked())) {
      looks = look(preview.url().toString());
    }
    return looks.stream()
        .map(
            look ->
                dynamicTest(
                    look.path("name").asText(), () -> assertThat(look.path("problems")).isEmpty()));
  }

  private static List<JsonNode> look(String url) throws IOException, InterruptedException {
    Process node =
        new ProcessBuilder("node", "src/test/browser/look.mjs", url, "target/screenshots")
            .directory(Path.of(System.getProperty("basedir", ".")).toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<JsonNode> looks = new ArrayList<>();
    try (BufferedReader lines = node.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        looks.add(new ObjectMapper().readTree(line));
      }
      assertThat(node.waitFor()).as("node's exit code, after %s", looks).isZero();
    } finally {
      node.destroy();
    }
    return looks;
  }
}
