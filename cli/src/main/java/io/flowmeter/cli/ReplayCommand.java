package io.flowmeter.cli;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.TerminalSanitizer;
import io.flowmeter.cli.settings.DurationText;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.clock.Clock;
import io.flowmeter.streams.deadletter.DeadLetterFilter;
import io.flowmeter.streams.deadletter.DeadLetterReplay;
import io.flowmeter.streams.deadletter.DeadLetterReplayResult;
import io.flowmeter.streams.deadletter.DeadLetterReplaySettings;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowmeter replay}. */
@Command(
    name = "replay",
    description =
        "Take dead letters in again, after a fix: each record goes back to the topic it came from.",
    footer = {
      "",
      "Records go back unchanged, with their keys and times; `stream` takes them in, now or when it",
      "is started. Each letter is replayed once, whenever this is stopped, and those that filters",
      "leave out wait for another replay. What is still poison becomes a dead letter again. Try",
      "--dry-run first. Exit code 1 when some that are meant cannot be replayed."
    },
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Option(
      names = "--dry-run",
      description = "List what would be replayed: where it came from, why it failed, how often.")
  private boolean dryRun;

  @Option(names = "--again", description = "Replay also what was replayed before.")
  private boolean again;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "Only what came from this topic, such as observations or step_runs.")
  private Optional<String> topic = Optional.empty();

  @Option(
      names = "--cause",
      paramLabel = "TEXT",
      description = "Only letters with this text in the name or the message of their cause.")
  private Optional<String> cause = Optional.empty();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Only letters of this time or later: 2026-11-24T12:00:00Z, or 2h for two hours ago.")
  private Optional<String> since = Optional.empty();

  @Option(names = "--until", paramLabel = "TIME", description = "Only letters of before this time.")
  private Optional<String> until = Optional.empty();

  private final Invocation invocation;
  private final Console console;

  ReplayCommand(Invocation invocation) {
    this.invocation = invocation;
    this.console = invocation.console();
  }

  @Override
  public Integer call() {
    Settings settings = options.read(invocation);
    Clock clock = settings.get(Setting.CLOCK);
    DeadLetterFilter filter =
        new DeadLetterFilter(
            topic,
            cause,
            since.map(text -> time("--since", text, clock)),
            until.map(text -> time("--until", text, clock)));
    DeadLetterReplaySettings how =
        new DeadLetterReplaySettings(Backends.find(settings).kafka(), filter, again, dryRun, clock);
    StopRequest stop = StopRequest.onSignals();
    DeadLetterReplayResult result = DeadLetterReplay.run(how, stop::isRequested);
    result.groups().forEach(this::print);
    console.onProgress(summary(result));
    return result.impossible() == 0 && !stop.isRequested() ? 0 : Flowmeter.FAILED;
  }

  private void print(DeadLetterReplayResult.Group group) {
    console.onProgress(
        "%s from %s: %s"
            .formatted(
                deadLetters(group.deadLetters()),
                group.topic().isEmpty()
                    ? "nowhere known"
                    : TerminalSanitizer.visible(group.topic()),
                TerminalSanitizer.visible(group.cause())));
    console.onProgress(
        "  of %s to %s, such as %s (letter %s)%s"
            .formatted(
                TIME.format(group.first()),
                TIME.format(group.last()),
                group.sampleKey().isEmpty()
                    ? "one without a key"
                    : TerminalSanitizer.visible(group.sampleKey()),
                group.sample(),
                group.replayedBefore() == 0
                    ? ""
                    : "; %s replayed before, and still poison"
                        .formatted(deadLetters(group.replayedBefore()))));
    if (!group.impossible().isEmpty()) {
      console.onProgress("  cannot be replayed: " + TerminalSanitizer.visible(group.impossible()));
    }
  }

  private String summary(DeadLetterReplayResult result) {
    return "%s %s: %,d done before, %,d left out by filters, %,d cannot be replayed%s"
        .formatted(
            dryRun ? "would replay" : "replayed",
            deadLetters(result.replayed()),
            result.before(),
            result.leftOut(),
            result.impossible(),
            dryRun ? "; nothing was changed, this was a dry run" : "");
  }

  private static String deadLetters(long count) {
    return String.format(Locale.ROOT, "%,d dead letter%s", count, count == 1 ? "" : "s");
  }

  private static Instant time(String name, String text, Clock clock) {
    if (!text.contains("T")) {
      return clock.instant().minus(DurationText.parse(name, text));
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new SettingsException(
          "%s: expected a time such as 2026-11-24T12:00:00Z, or a duration before now such as 2h, came \"%s\""
              .formatted(name, text),
          e);
    }
  }
}
