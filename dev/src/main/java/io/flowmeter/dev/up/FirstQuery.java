package io.flowmeter.dev.up;

import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A query to paste into a shell, for whoever has nothing to ask yet. It is printed, and what is
 * printed is kept by whoever runs services: so it says where the password is, and not the password.
 *
 * @param clickHouse the HTTP interface
 * @param user who may read only
 * @param passwordFile where our own server's password is; empty where the server is another's, for
 *     which curl asks for it
 */
public record FirstQuery(URI clickHouse, String user, Optional<Path> passwordFile) {
  private static final String SQL =
      "SELECT * FROM status_counts_now ORDER BY workflow, status FORMAT PrettyCompactMonoBlock";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./-]+");

  /** For the server that is configured, else for our own. */
  public static FirstQuery of(Settings settings, URI clickHouse) {
    if (settings.get(Setting.CLICKHOUSE_URL).isPresent()) {
      return new FirstQuery(
          clickHouse, settings.get(Setting.CLICKHOUSE_READER_USER), Optional.empty());
    }
    Path file = settings.get(Setting.DATA_DIR).resolve(UpDirectory.READER_PASSWORD).normalize();
    return new FirstQuery(clickHouse, ClickHouseUsers.READER, Optional.of(file));
  }

  /** What it asks, as whom, and where the password is. */
  public String introduction() {
    return "Ask ClickHouse at %s as %s (read-only; %s):"
        .formatted(
            clickHouse,
            user,
            passwordFile
                .map(file -> "the password is in " + file)
                .orElse(
                    "curl asks for the password, which is that of "
                        + Setting.CLICKHOUSE_READER_PASSWORD.name()));
  }

  /** Two lines for a POSIX shell. */
  public String command() {
    return "curl -sS -u %s %s \\\n  --data-binary %s"
        .formatted(
            passwordFile
                .map(file -> "\"%s:$(cat %s)\"".formatted(user, word(file.toString())))
                .orElseGet(() -> quoted(user)),
            quoted(clickHouse.resolve("/?database=" + ClickHouseEndpoint.DATABASE).toString()),
            quoted(SQL));
  }

  /** The same by ourselves: where a flag names the directory, it has to name it there, too. */
  public static String byFlowmeter(Settings settings) {
    Settings.Effective directory = settings.effective(Setting.DATA_DIR);
    return "flowmeter sql %s\"SELECT …\""
        .formatted(
            directory.origin().startsWith("--") ? "--data " + word(directory.value()) + " " : "");
  }

  private static String word(String text) {
    return PLAIN.matcher(text).matches() ? text : quoted(text);
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
