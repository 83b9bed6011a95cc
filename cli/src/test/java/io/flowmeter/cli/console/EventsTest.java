package io.flowmeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventsTest {
  private static final Path ROOT = Path.of(System.getProperty("flowmeter.home"));

  /** As the sources write an event: as a key's value, or handed to a method that does so. */
  private static final Pattern TOLD =
      Pattern.compile(
          "(?:\"event\",|\\bevent\\((?:\\s*Level\\.\\w+,)?)\\s*(?:\\w+ \\? )?\"(\\w+)\"(?: : \"(\\w+)\")?");

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(\\w+)` \\| (?:info|warn|error) \\|");

  @Test
  void everyEventOfTheSourcesIsInTheManualAndTheReverse() throws IOException {
    Set<String> told = new TreeSet<>();
    for (String room : List.of("cli", "dev", "ingest", "streams-app")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(room).resolve("src/main/java"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          TOLD.matcher(Files.readString(file)).results().forEach(each -> told.addAll(groups(each)));
        }
      }
    }
    Set<String> documented =
        ROW.matcher(Files.readString(ROOT.resolve("docs/operations.md")))
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(told).contains("leadership_acquired", "spike_opened", "spike_closed", "stopped");
    assertThat(documented).isEqualTo(told);
  }

  private static List<String> groups(MatchResult match) {
    return IntStream.rangeClosed(1, match.groupCount())
        .mapToObj(match::group)
        .filter(each -> each != null)
        .toList();
  }
}
