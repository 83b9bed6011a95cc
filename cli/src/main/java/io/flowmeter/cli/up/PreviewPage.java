package io.flowmeter.cli.up;

import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.preview.PreviewServer;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.Optional;

/** The dashboards as a page, where the settings want it. */
final class PreviewPage {
  private PreviewPage() {}

  /**
   * Starts to serve it.
   *
   * @param reader ClickHouse, as the read-only user
   * @throws SettingsException where nothing can listen at the host
   */
  static Optional<PreviewServer> start(Settings settings, ClickHouseEndpoint reader) {
    return settings.get(Setting.PREVIEW_PORT).map(port -> start(settings, port, reader));
  }

  private static PreviewServer start(Settings settings, int port, ClickHouseEndpoint reader) {
    String host = settings.get(Setting.PREVIEW_HOST);
    try {
      return PreviewServer.start(host, port, reader);
    } catch (IOException e) {
      String why = e instanceof UnknownHostException ? "there is no such host" : e.getMessage();
      throw new SettingsException(
          "expected a %s to serve the dashboards at, such as 127.0.0.1, came %s: %s. With %s = off none are served"
              .formatted(Setting.PREVIEW_HOST.name(), host, why, Setting.PREVIEW_PORT.name()),
          e);
    }
  }
}
