package io.flowmeter.cli;

import io.flowmeter.cli.settings.SettingsPage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code flowmeter settings}. */
@Command(
    name = "settings",
    description = "List every setting with its default, as docs/settings.md does.",
    mixinStandardHelpOptions = true)
final class SettingsCommand implements Callable<Integer> {
  private final Invocation invocation;

  SettingsCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() {
    invocation.requireNoSettings("what is in force tells flowmeter doctor");
    invocation.console().onProgress(SettingsPage.markdown().stripTrailing());
    return 0;
  }
}
