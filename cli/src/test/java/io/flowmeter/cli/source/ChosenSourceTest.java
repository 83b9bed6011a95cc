package io.flowmeter.cli.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.data.DataDirectoryManifest;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChosenSourceTest {
  private static final Map<String, String> NOTHING = Map.of();
  private static final Map<String, String> ACCOUNT =
      Map.of("CLOUDFLARE_ACCOUNT_ID", "acc", "CLOUDFLARE_API_TOKEN", "t");
  private static final Map<String, String> WRANGLER =
      Map.of("FLOWMETER_SOURCE_URL", "http://127.0.0.1:8787");

  @Test
  void nothingSetIsTheSimulator() {
    assertThat(choose(NOTHING, Optional.empty())).isEqualTo(new ChosenSource.Simulated());
  }

  @Test
  void aTokenAndAnAccountAreCloudflaresApi() {
    assertThat(choose(ACCOUNT, Optional.empty()))
        .isEqualTo(
            new ChosenSource.Polled(
                URI.create("https://api.cloudflare.com/client/v4"), Optional.of("acc")));
  }

  @Test
  void aUrlIsThatApi() {
    assertThat(choose(WRANGLER, Optional.empty()))
        .isEqualTo(new ChosenSource.Polled(URI.create("http://127.0.0.1:8787"), Optional.empty()));
  }

  @Test
  void halfOfACloudflareSourceIsRefused() {
    assertThatThrownBy(() -> choose(Map.of("CLOUDFLARE_API_TOKEN", "t"), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("came only the token")
        .hasMessageContaining("CLOUDFLARE_ACCOUNT_ID");
    assertThatThrownBy(() -> choose(Map.of("CLOUDFLARE_ACCOUNT_ID", "a"), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("came only the account")
        .hasMessageContaining("CLOUDFLARE_API_TOKEN");
  }

  @Test
  void aDirectoryGoesOnWithItsSourceWhenNothingIsSet() {
    assertThat(choose(NOTHING, remembered("http://127.0.0.1:8787", "local")))
        .isEqualTo(new ChosenSource.Polled(URI.create("http://127.0.0.1:8787"), Optional.empty()));
  }

  @Test
  void aTrailingSlashOrCapitalsInTheHostAreNoOtherSource() {
    ChosenSource before =
        choose(Map.of("FLOWMETER_SOURCE_URL", "http://LOCALHOST:8787/"), Optional.empty());
    assertThat(before.identity()).isEqualTo("http://localhost:8787");
    assertThat(
            choose(
                Map.of("FLOWMETER_SOURCE_URL", "HTTP://localhost:8787"),
                remembered(before.identity(), before.account())))
        .isInstanceOf(ChosenSource.Polled.class);
  }

  @Test
  void anotherSourceOnTheSameDirectoryIsRefused() {
    assertThatThrownBy(() -> choose(ACCOUNT, remembered("http://127.0.0.1:8787", "local")))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "/data belongs to http://127.0.0.1:8787, account local, but the settings name"
                + " https://api.cloudflare.com/client/v4, account acc. Give that source, or another"
                + " directory: --data DIR");
  }

  @Test
  void anotherAccountOnTheSameDirectoryIsRefused() {
    assertThatThrownBy(
            () -> choose(ACCOUNT, remembered("https://api.cloudflare.com/client/v4", "other")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("account other")
        .hasMessageContaining("account acc");
  }

  private static ChosenSource choose(
      Map<String, String> environment, Optional<DataDirectoryManifest> manifest) {
    return ChosenSource.choose(
        Settings.read(Map.of(), environment, Optional.empty()), manifest, Path.of("/data"));
  }

  private static Optional<DataDirectoryManifest> remembered(String source, String account) {
    return Optional.of(new DataDirectoryManifest(source, account, Map.of(), 1, Instant.EPOCH));
  }
}
