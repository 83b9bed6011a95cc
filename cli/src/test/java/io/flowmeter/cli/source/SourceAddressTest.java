package io.flowmeter.cli.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.flowmeter.cli.settings.SecretFile;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.ingest.IngestSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceAddressTest {
  private static final URI CLOUDFLARE = IngestSettings.PRODUCTION;

  @TempDir private Path directory;

  private static Settings settings(Map<String, String> environment) {
    return Settings.read(Map.of(), environment, Optional.empty());
  }

  private static List<SourceAddress> all(Settings settings, String accounts) {
    return SourceAddress.all(new ChosenSource.Polled(CLOUDFLARE, Optional.of(accounts)), settings);
  }

  @Test
  void theSimulatorIsPolledAtThePaceOfProduction() {
    IngestSettings ingest = ofSimulator(Map.of());
    assertThat(ingest.interval()).contains(Duration.ofSeconds(10));
    assertThat(ingest.requestLimit()).isEqualTo(1200);
    assertThat(ingest.requestShare()).isEqualTo(0.7);

    assertThat(ofSimulator(Map.of("FLOWMETER_INGEST_INTERVAL", "1s")).interval())
        .as("as it is set")
        .contains(Duration.ofSeconds(1));
  }

  private static IngestSettings ofSimulator(Map<String, String> environment) {
    return SourceAddress.ofSimulator(URI.create("http://127.0.0.1:1/client/v4"), "a", "t")
        .ingest(settings(environment));
  }

  @Test
  void accountsOfOneTokenDivideItsShare() {
    Settings settings =
        settings(Map.of("CLOUDFLARE_ACCOUNT_ID", "a, b", "CLOUDFLARE_API_TOKEN", "t"));
    List<IngestSettings> pollers =
        all(settings, "a, b").stream().map(each -> each.ingest(settings)).toList();
    assertThat(pollers).extracting(each -> each.account().orElseThrow()).containsExactly("a", "b");
    assertThat(pollers)
        .allSatisfy(each -> assertThat(each.requestShare()).isEqualTo(0.35, within(1e-9)));
  }

  @Test
  void anAccountWithATokenOfItsOwnHasTheWholeShare() throws IOException {
    for (String account : List.of("a", "b", "c")) {
      SecretFile.create(
          directory.resolve(account + ".token"), account.equals("c") ? "of-b" : "of-" + account);
    }
    Settings settings =
        settings(
            Map.of(
                "CLOUDFLARE_ACCOUNT_ID",
                "a,b,c",
                "FLOWMETER_API_TOKEN_FILE",
                directory + "/{account}.token"));
    List<SourceAddress> all = all(settings, "a,b,c");
    assertThat(all)
        .extracting(each -> each.token().orElseThrow())
        .containsExactly("of-a", "of-b", "of-b");
    assertThat(all).extracting(SourceAddress::accounts).containsExactly(1, 2, 2);
    assertThat(settings.secrets()).contains("of-a", "of-b");
  }

  @Test
  void whereOneIsExpectedSeveralAreRefused() {
    Settings settings =
        settings(Map.of("CLOUDFLARE_ACCOUNT_ID", "a,b", "CLOUDFLARE_API_TOKEN", "t"));
    assertThatThrownBy(
            () ->
                SourceAddress.of(new ChosenSource.Polled(CLOUDFLARE, Optional.of("a,b")), settings))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("expected one account")
        .hasMessageContaining("flowmeter ingest");
  }

  @Test
  void withoutAnAccountThereIsOneAddress() {
    List<SourceAddress> all =
        SourceAddress.all(
            new ChosenSource.Polled(URI.create("http://127.0.0.1:8787"), Optional.empty()),
            settings(Map.of()));
    assertThat(all).hasSize(1);
    assertThat(all.get(0).account()).isEmpty();
  }
}
