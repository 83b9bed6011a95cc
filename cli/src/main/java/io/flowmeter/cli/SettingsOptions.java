package io.flowmeter.cli;

import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What every command that works with settings takes. */
public final class SettingsOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Read settings from a file of lines `name = value`.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The directory in which `up` keeps everything (default: ./data).")
  private Optional<Path> data = Optional.empty();

  public Settings read(Invocation invocation) {
    Settings settings = Settings.read(invocation.settingFlags(), invocation.environment(), config);
    return data.map(dir -> settings.with(Setting.DATA_DIR, dir.toString(), "--data"))
        .orElse(settings);
  }

  /** The same with a source that the command's own flag may name. */
  public Settings read(Invocation invocation, Optional<String> source) {
    Settings settings = read(invocation);
    return source.map(url -> settings.with(Setting.SOURCE_URL, url, "--source")).orElse(settings);
  }
}
