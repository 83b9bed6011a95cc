package io.flowmeter.cli.settings;

/** The table of settings as a page, for {@code flowmeter settings} and docs/settings.md. */
public final class SettingsPage {
  private SettingsPage() {}

  public static String markdown() {
    StringBuilder page =
        new StringBuilder(
            """
            # Settings

            For everyone who configures Flowmeter: all settings, their defaults and where to write them.

            - A setting has one name. `topics.partitions` is `--topics.partitions 8` as a flag,
              `FLOWMETER_TOPICS_PARTITIONS=8` in the environment, and `topics.partitions = 8` in the file that
              `--config FILE` names.
            - A flag wins over the environment, and the environment over the file. An unknown name is refused.
            - The file has lines `name = value`; write a backslash twice.
            - A secret cannot be a flag. A file with a secret must be readable by its owner only (mode 0600).
            - If its owner is root and Flowmeter runs as another user, its group may read it, too (0640), as
              Kubernetes mounts secrets.
            - `flowmeter doctor` shows the effective settings, and where each value comes from.

            | setting | default | value | meaning |
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
    page.append("\nThese go to the clients of other projects, under their own names:\n\n");
    page.append("| prefix | settings |\n|---|---|\n");
    for (PassThrough client : PassThrough.ALL) {
      page.append("| `%s` | %s |\n".formatted(client.prefix(), client.description()));
    }
    page.append(
        """

        If one of these is a secret, its name with `.file` at the end names a file that contains it:
        `kafka.sasl.jaas.config.file`, `registry.basic.auth.user.info.file`,
        `clickhouse.key_store_password.file`. All of them are masked wherever they are shown.

        `FLOWMETER_JAVA_OPTS` (environment only) passes options such as `-Xmx2g` to the JVM of every command of
        the `flowmeter` script. The image starts Java without that script; use `JAVA_TOOL_OPTIONS` there.

        The files in [deploy](../deploy/README.md) use these variables as well. They are not settings of
        Flowmeter:

        | variable | read by | meaning |
        |---|---|---|
        | `FLOWMETER_CLICKHOUSE_HOST`, `FLOWMETER_CLICKHOUSE_PORT` | Grafana | The address of ClickHouse for its data source. |
        | `FLOWMETER_CLICKHOUSE_SECURE` | Grafana | `true` if ClickHouse requires TLS. |
        | `FLOWMETER_DASHBOARDS` | Grafana | The folder of the dashboards. |
        | `FLOWMETER_ALERT_WEBHOOK` | Grafana | The URL that receives alerts. |
        | `FLOWMETER_RUNBOOKS` | Grafana | The URL of the runbooks, without a slash at the end. |
        | `GRAFANA_ADMIN_PASSWORD` | Grafana | The password of its user `admin`. |
        """);
    return page.toString();
  }
}
