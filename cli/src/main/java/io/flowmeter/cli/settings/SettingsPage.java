package io.flowmeter.cli.settings;

/** The table of settings as a page, for {@code flowmeter settings} and docs/settings.md. */
public final class SettingsPage {
  private SettingsPage() {}

  public static String markdown() {
    StringBuilder page =
        new StringBuilder(
            """
            # Settings

            One name for all: `topics.partitions` is `--topics.partitions 8` as a flag, `FLOWMETER_TOPICS_PARTITIONS=8` in
            the environment and `topics.partitions = 8` in the file given by `--config FILE` (lines `name = value`; a backslash is
            written twice). A flag wins over the environment, the environment over the file. An unknown name is refused. Secrets are
            never flags, and a file that holds one must be readable by its owner only (mode 0600); where that is root and Flowmeter
            runs as another user, its group may read it, too (0640), as a secret that Kubernetes mounts. `flowmeter doctor` shows
            what is in force, and where each value comes from.

            | setting | default | a value is | what it does |
            |---|---|---|---|
            """);
    for (Setting<?> setting : Setting.ALL) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  setting.name(),
                  setting.preset().isEmpty() ? "–" : "`" + setting.preset() + "`",
                  setting.secret() ? setting.expected() + ", secret" : setting.expected(),
                  setting.otherVariable().isEmpty()
                      ? setting.description()
                      : setting.description() + " Also `" + setting.otherVariable() + "`."));
    }
    page.append("\nHanded on to the clients of other projects under their own names:\n\n");
    page.append("| prefix | what it reaches |\n|---|---|\n");
    for (PassThrough client : PassThrough.ALL) {
      page.append("| `%s` | %s |\n".formatted(client.prefix(), client.description()));
    }
    page.append(
        """

        Where one of these is a secret, its name with `.file` behind it names a file that holds it: `kafka.sasl.jaas.config.file`,
        `registry.basic.auth.user.info.file`, `clickhouse.key_store_password.file`. All of them are shown masked.

        `FLOWMETER_JAVA_OPTS` (environment only) hands options to the JVM of every command of the `flowmeter` script, such as `-Xmx2g`.
        The image starts Java without that script; there, `JAVA_TOOL_OPTIONS` does.

        The files in [deploy](../deploy/README.md) use these variables as well. They are not settings of Flowmeter:

        | variable | read by | what it does |
        |---|---|---|
        | `FLOWMETER_CLICKHOUSE_HOST`, `FLOWMETER_CLICKHOUSE_PORT` | Grafana | Where its data source finds ClickHouse. |
        | `FLOWMETER_CLICKHOUSE_SECURE` | Grafana | `true` where ClickHouse is asked over TLS. |
        | `FLOWMETER_DASHBOARDS` | Grafana | The folder of the dashboards. |
        | `FLOWMETER_ALERT_WEBHOOK` | Grafana | The URL that alerts are sent to. |
        | `FLOWMETER_RUNBOOKS` | Grafana | The URL of the runbooks, without a slash at the end. |
        | `GRAFANA_ADMIN_PASSWORD` | Grafana | The password of its user `admin`. |
        """);
    return page.toString();
  }
}
