package io.flowmeter.dev.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.settings.Settings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FirstQueryTest {
  private static final URI OURS = URI.create("http://127.0.0.1:8123");

  @Test
  void whatIsPrintedIsWhatTheReadmeTells() throws Exception {
    FirstQuery first = FirstQuery.of(settings(Map.of()), OURS);

    assertThat(Files.readString(Path.of("../README.md")))
        .contains("```sh\n" + first.command() + "\n```");
    assertThat(first.introduction())
        .endsWith("(read-only; the password is in data/reader.password):");
  }

  @Test
  void aDirectoryOfAnyNameIsQuoted() {
    FirstQuery first = FirstQuery.of(settings(Map.of("data.dir", "/it's $HOME/data")), OURS);

    assertThat(first.command())
        .contains("-u \"flowmeter_reader:$(cat '/it'\\''s $HOME/data/reader.password')\" ");
    assertThat(FirstQuery.byFlowmeter(settings(Map.of("data.dir", "/it's $HOME/data"))))
        .isEqualTo("flowmeter sql --data '/it'\\''s $HOME/data' \"SELECT …\"");
    assertThat(FirstQuery.byFlowmeter(settings(Map.of()))).isEqualTo("flowmeter sql \"SELECT …\"");
  }

  @Test
  void forAConfiguredServerCurlAsksForThePassword() {
    URI theirs = URI.create("https://clickhouse.example:8443/");
    FirstQuery first =
        FirstQuery.of(
            settings(
                Map.of("clickhouse.url", theirs.toString(), "clickhouse.reader.user", "o'brien")),
            theirs);

    assertThat(first.command())
        .startsWith(
            "curl -sS -u 'o'\\''brien' 'https://clickhouse.example:8443/?database=flowmeter' ");
    assertThat(first.introduction()).contains("clickhouse.reader.password").doesNotContain("data/");
  }

  private static Settings settings(Map<String, String> flags) {
    return Settings.read(flags, Map.of(), Optional.empty());
  }
}
