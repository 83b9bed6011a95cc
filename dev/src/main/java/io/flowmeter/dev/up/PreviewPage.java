package io.flowmeter.dev.up;

import io.flowmeter.cli.listen.Listening;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.preview.PreviewServer;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.util.Optional;
import java.util.Set;

/** The dashboards as a page, where the settings want it. */
final class PreviewPage {
  private PreviewPage() {}

  /**
   * Starts to serve it.
   *
   * @param reader ClickHouse, as the read-only user
   * @throws SettingsException where nothing can listen at the host, or others could look there
   *     without a password
   */
  static Optional<PreviewServer> start(Settings settings, ClickHouseEndpoint reader) {
    return new Listening(settings, Setting.PREVIEW_HOST, Setting.PREVIEW_PORT, "the dashboards")
        .start(Set.of(), (host, port, access) -> PreviewServer.start(host, port, access, reader));
  }
}
