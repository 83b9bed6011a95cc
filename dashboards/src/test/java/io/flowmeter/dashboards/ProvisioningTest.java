package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvisioningTest {

  private static final Path ROOM = Path.of(System.getProperty("flowmeter.home"), "dashboards");
  private static final Pattern SETTING = Pattern.compile("FLOWMETER_[A-Z_]+");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "provisioning/datasources/flowmeter.yaml",
        "provisioning/dashboards/flowmeter.yaml",
        "provisioning/alerting/contact-points.yaml",
        "provisioning/alerting/rules.yaml"
      })
  void everyEnvironmentVariableIsExplainedInTheFileAndSetInTheReadme(String file)
      throws IOException {
    String text = Files.readString(ROOM.resolve(file));
    String comments = String.join("\n", text.lines().filter(l -> l.startsWith("#")).toList());
    String values = String.join("\n", text.lines().filter(l -> !l.startsWith("#")).toList());

    assertThat(settings(values)).isNotEmpty().isEqualTo(settings(comments));
    assertThat(settings(Files.readString(ROOM.resolve("README.md")))).containsAll(settings(values));
  }

  @Test
  void theProvisionedDataSourceIsOfTheDashboardsKindAndReadsAsTheReader() throws IOException {
    String text = Files.readString(ROOM.resolve("provisioning/datasources/flowmeter.yaml"));

    assertThat(text)
        .contains("type: grafana-clickhouse-datasource", "defaultDatabase: flowmeter")
        .doesNotContain("flowmeter_writer");
  }

  private static Set<String> settings(String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = SETTING.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return found;
  }
}
