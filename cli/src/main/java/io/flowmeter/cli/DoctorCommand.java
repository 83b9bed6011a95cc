package io.flowmeter.cli;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.doctor.Diagnostics;
import io.flowmeter.cli.doctor.Finding;
import io.flowmeter.cli.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowmeter doctor}. */
@Command(
    name = "doctor",
    description = "Show the settings in force and where each comes from, and ask every part.",
    footer = {"", "Changes nothing. Exit code 1 when something is wrong."},
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Mixin private SettingsOptions options = new SettingsOptions();

  private final Invocation invocation;

  DoctorCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() {
    Settings settings = options.read(invocation);
    Console console = invocation.console();
    console.onProgress(console.bold(Version.text()));
    console.onProgress("");
    console.onProgress(console.bold("Settings"));
    int widest =
        settings.effective().stream().mapToInt(each -> each.name().length()).max().orElse(0);
    for (Settings.Effective each : settings.effective()) {
      String value = each.shown().isEmpty() ? "–" : each.shown();
      String line =
          "  %s  %s".formatted(pad(each.name(), widest), pad(value, 24) + "  " + each.origin());
      console.onProgress(each.origin().equals("default") ? console.dim(line) : line);
    }
    Diagnostics diagnostics = new Diagnostics(Backends.find(settings));
    List<Finding> all = new ArrayList<>();
    all.addAll(section(console, "Versions", diagnostics.versions()));
    List<Finding> data = new ArrayList<>();
    data.add(diagnostics.dataDirectory());
    data.add(diagnostics.stateDirectory());
    data.addAll(diagnostics.source());
    all.addAll(section(console, "Data and source", data));
    all.addAll(section(console, "Kafka", diagnostics.kafka()));
    all.addAll(section(console, "Schema Registry", diagnostics.registry()));
    all.addAll(section(console, "ClickHouse", diagnostics.clickHouse()));
    long wrong = all.stream().filter(each -> each.verdict() == Finding.Verdict.WRONG).count();
    console.onProgress("");
    console.onProgress(
        wrong == 0
            ? console.green("Nothing is wrong.")
            : console.red(wrong == 1 ? "1 thing is wrong." : wrong + " things are wrong."));
    return wrong == 0 ? 0 : Flowmeter.FAILED;
  }

  private static List<Finding> section(Console console, String title, List<Finding> findings) {
    console.onProgress("");
    console.onProgress(console.bold(title));
    for (Finding finding : findings) {
      String mark =
          switch (finding.verdict()) {
            case FINE -> console.green("✓");
            case ABSENT -> console.dim("·");
            case WRONG -> console.red("✗");
          };
      console.onProgress("  %s %s: %s".formatted(mark, finding.subject(), finding.text()));
    }
    return findings;
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
