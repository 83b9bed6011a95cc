package io.flowmeter.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever reads a variable in deploy finds it in docs/settings.md. */
class VariablesTest {
  private static final Pattern VARIABLE =
      Pattern.compile("\\b(?:FLOWMETER|CLOUDFLARE|GRAFANA)_[A-Z_]*[A-Z]\\b");
  private static final Pattern SETTING = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|");

  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(Manifest.FOLDER)) {
      return files.filter(Files::isRegularFile).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyVariableIsDocumented(Path file) throws IOException {
    assertThat(documented()).containsAll(variables(Files.readString(file)));
  }

  /** The variable of each setting in the table, and each that is named as one. */
  private static Set<String> documented() throws IOException {
    String page = Files.readString(Manifest.FOLDER.resolveSibling("docs/settings.md"));
    Set<String> documented = variables(page);
    SETTING
        .matcher(page)
        .results()
        .map((MatchResult found) -> found.group(1))
        .map(name -> "FLOWMETER_" + name.replace('.', '_').toUpperCase(Locale.ROOT))
        .forEach(documented::add);
    return documented;
  }

  private static Set<String> variables(String text) {
    return VARIABLE
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
