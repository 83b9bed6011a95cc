package io.flowmeter.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found with nothing but settings; what needs parts is in {@link DoctorIT}. */
class DiagnosticsTest {
  @TempDir Path temp;

  private Diagnostics with(Map<String, String> flags) {
    Map<String, String> all = new HashMap<>(flags);
    all.put("data.dir", temp.toString());
    return new Diagnostics(Backends.find(Settings.read(all, Map.of(), Optional.empty())));
  }

  @Test
  void eachAccountIsLookedAtWhateverIsFoundOfAnother() {
    List<Finding> found =
        with(Map.of("source.url", "http://127.0.0.1:1/", "account.id", "one,two")).source();

    assertThat(found)
        .hasSize(2)
        .allMatch(each -> each.verdict() == Finding.Verdict.WRONG)
        .satisfiesExactly(
            each -> assertThat(each.text()).contains("account one"),
            each -> assertThat(each.text()).contains("account two"));
  }

  @Test
  void aPasswordThatCannotBeReadIsFoundAtItsPart() {
    List<Finding> found =
        with(Map.of(
                "clickhouse.url",
                "http://127.0.0.1:1",
                "clickhouse.password.file",
                temp.resolve("nowhere").toString()))
            .clickHouse();

    assertThat(found)
        .singleElement()
        .satisfies(each -> assertThat(each.text()).contains("nowhere"))
        .returns(Finding.Verdict.WRONG, Finding::verdict);
  }

  @Test
  void settingsThatMakeNoClientAreFoundAtTheRegistry() {
    List<Finding> found =
        with(Map.of(
                "registry.url",
                "https://127.0.0.1:1",
                "registry.schema.registry.ssl.truststore.location",
                temp.resolve("nowhere").toString()))
            .registry();

    assertThat(found)
        .singleElement()
        .satisfies(each -> assertThat(each.text()).contains("nowhere", "registry."))
        .returns(Finding.Verdict.WRONG, Finding::verdict);
  }
}
