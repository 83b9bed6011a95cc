package io.flowmeter.cli.source;

import io.flowmeter.cli.data.DataDirectoryManifest;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.ingest.IngestSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What is polled. A data directory belongs to one source and one account for good. */
public sealed interface ChosenSource {
  /** Where there is no account. */
  String NO_ACCOUNT = "local";

  /** The account of the built-in simulator. */
  String SIMULATED_ACCOUNT = "0123456789abcdef0123456789abcdef";

  /** The built-in simulator. */
  record Simulated() implements ChosenSource {
    @Override
    public String identity() {
      return DataDirectoryManifest.SIMULATOR;
    }

    @Override
    public String account() {
      return SIMULATED_ACCOUNT;
    }
  }

  /**
   * An API somewhere.
   *
   * @param accountId empty for the local runtime, which has none
   */
  record Polled(URI url, Optional<String> accountId) implements ChosenSource {
    @Override
    public String identity() {
      String text = url.toString().replaceAll("/+$", "");
      int host = text.indexOf(url.getHost());
      return text.substring(0, host).toLowerCase(Locale.ROOT)
          + url.getHost().toLowerCase(Locale.ROOT)
          + text.substring(host + url.getHost().length());
    }

    @Override
    public String account() {
      return accountId.orElse(NO_ACCOUNT);
    }
  }

  /** How the source is written down. */
  String identity();

  /** How the account is written down. */
  String account();

  /**
   * The source of the settings; without any there, the one the directory remembers, else the
   * simulator.
   *
   * @throws SettingsException where the settings name half a source, or another one than the
   *     directory belongs to
   */
  static ChosenSource choose(
      Settings settings, Optional<DataDirectoryManifest> manifest, Path directory) {
    ChosenSource chosen =
        configured(settings)
            .orElseGet(() -> manifest.map(ChosenSource::again).orElseGet(Simulated::new));
    manifest.ifPresent(before -> requireSame(before, chosen, directory));
    return chosen;
  }

  private static Optional<ChosenSource> configured(Settings settings) {
    Optional<String> account = settings.get(Setting.ACCOUNT_ID);
    Optional<URI> url = settings.get(Setting.SOURCE_URL);
    if (url.isPresent()) {
      return Optional.of(new Polled(url.get(), account));
    }
    boolean token =
        settings.get(Setting.API_TOKEN).isPresent()
            || settings.get(Setting.API_TOKEN_FILE).isPresent();
    if (token != account.isPresent()) {
      throw new SettingsException(
          "expected a token and an account, came only the %s: set %s as well, or name another --source"
              .formatted(
                  token ? "token" : "account",
                  token
                      ? "CLOUDFLARE_ACCOUNT_ID (account.id)"
                      : "CLOUDFLARE_API_TOKEN (api.token)"));
    }
    return token ? Optional.of(new Polled(IngestSettings.PRODUCTION, account)) : Optional.empty();
  }

  private static ChosenSource again(DataDirectoryManifest before) {
    if (before.source().equals(DataDirectoryManifest.SIMULATOR)) {
      return new Simulated();
    }
    return new Polled(
        URI.create(before.source()),
        before.account().equals(NO_ACCOUNT) ? Optional.empty() : Optional.of(before.account()));
  }

  private static void requireSame(DataDirectoryManifest before, ChosenSource now, Path directory) {
    if (!before.source().equals(now.identity()) || !before.account().equals(now.account())) {
      throw new SettingsException(
          "%s belongs to %s, account %s, but the settings name %s, account %s. Give that source, or another directory: --data DIR"
              .formatted(
                  directory, before.source(), before.account(), now.identity(), now.account()));
    }
  }
}
