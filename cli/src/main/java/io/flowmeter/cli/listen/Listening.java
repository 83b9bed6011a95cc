package io.flowmeter.cli.listen;

import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.http.Access;
import io.flowmeter.http.UnprotectedListenerException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;

/**
 * A listener of the settings.
 *
 * @param host the setting of the address
 * @param port the setting of the port
 * @param what it serves, as it stands in errors: "metrics"
 */
public record Listening(
    Settings settings, Setting<String> host, Setting<Optional<Integer>> port, String what) {

  /** Starts a listener. */
  public interface Start<T> {
    T at(String host, int wishedPort, Access access) throws IOException;
  }

  /**
   * Starts it where the settings say, which may be nowhere.
   *
   * @param open paths of which anybody may hear the first line
   * @throws SettingsException where nothing can listen there, or others than this machine could ask
   *     without a password
   */
  public <T> Optional<T> start(Set<String> open, Start<T> start) {
    return settings.get(port).map(wished -> start(wished, open, start));
  }

  private <T> T start(int wishedPort, Set<String> open, Start<T> start) {
    String at = settings.get(host);
    try {
      return start.at(at, wishedPort, access(open));
    } catch (UnprotectedListenerException e) {
      throw refused(
          at,
          "%s. Set %s or %s"
              .formatted(
                  e.getMessage(),
                  Setting.LISTEN_PASSWORD_FILE.name(),
                  Setting.LISTEN_PASSWORD.variable()),
          e);
    } catch (UnknownHostException e) {
      throw refused(at, "there is no such host", e);
    } catch (IOException e) {
      throw refused(at, e.getMessage(), e);
    }
  }

  private Access access(Set<String> open) {
    try {
      return new Access(
          settings.secret(Setting.LISTEN_PASSWORD, Setting.LISTEN_PASSWORD_FILE), open);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(Setting.LISTEN_PASSWORD.name() + ": " + e.getMessage(), e);
    }
  }

  private SettingsException refused(String at, String why, Exception cause) {
    return new SettingsException(
        "expected a %s to serve %s at, such as 127.0.0.1, came %s: %s. With %s = off none are served"
            .formatted(host.name(), what, at, why, port.name()),
        cause);
  }
}
