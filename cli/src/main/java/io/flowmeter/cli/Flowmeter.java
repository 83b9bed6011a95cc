package io.flowmeter.cli;

import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.console.Logs;
import io.flowmeter.cli.data.UnusableDirectoryException;
import io.flowmeter.cli.query.QueryException;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.sql.MigrationException;
import io.flowmeter.streams.deadletter.DeadLetterReplayException;
import io.flowmeter.streams.rebuild.RebuildException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** {@code flowmeter COMMAND …}. */
@Command(
    name = "flowmeter",
    description = "Stream-processing telemetry for Cloudflare Workflows.",
    synopsisHeading = "Usage: ",
    synopsisSubcommandLabel = "COMMAND",
    descriptionHeading = "%n",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Every setting is also a flag: --topics.partitions 8. `flowmeter settings` lists them;",
      "`flowmeter COMMAND --help` tells more of a command. Begin with: flowmeter up"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class Flowmeter implements Runnable {
  /** The command line cannot be understood, or a setting cannot be used. */
  public static final int USAGE = CommandLine.ExitCode.USAGE;

  /** What was asked for could not be done. */
  public static final int FAILED = 1;

  private static final int HELP_COLUMNS = 100;

  /** Less picocli does not take. */
  private static final int LEAST_HELP_COLUMNS = 55;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** Ends the process with the command's exit code. */
  public static void main(String[] args) {
    // Numbers stand in queries and addresses: they are the same wherever this runs.
    Locale.setDefault(Locale.ROOT);
    Map<String, String> environment = System.getenv();
    System.exit(run(args, environment, Console.standard(environment)));
  }

  /** Runs a command to its end and returns its exit code. */
  public static int run(String[] args, Map<String, String> environment, Console console) {
    Logs.toNarrator(console);
    Invocation invocation;
    try {
      invocation = Invocation.of(args, environment, console);
    } catch (SettingsException e) {
      System.err.println("flowmeter: " + e.getMessage());
      return USAGE;
    }
    CommandLine line = commandLine(invocation);
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(console.colours() ? Ansi.ON : Ansi.OFF));
    return line.execute(invocation.arguments());
  }

  public static CommandLine commandLine(Invocation invocation) {
    List<ToolCommands> tools = ToolCommands.found();
    CommandLine line =
        new CommandLine(new Flowmeter())
            .addSubcommand(new MigrateCommand(invocation))
            .addSubcommand(new IngestCommand(invocation))
            .addSubcommand(new StreamCommand(invocation))
            .addSubcommand(new RebuildCommand(invocation))
            .addSubcommand(new ReplayCommand(invocation))
            .addSubcommand(new SqlCommand(invocation))
            .addSubcommand(new TopCommand(invocation))
            .addSubcommand(new InstanceIdCommand(invocation))
            .addSubcommand(new DoctorCommand(invocation))
            .addSubcommand(new SettingsCommand(invocation))
            .addSubcommand(new CompletionCommand(invocation));
    if (tools.isEmpty()) {
      ToolCommands.NAMES.forEach(name -> line.addSubcommand(name, AbsentCommand.named(name)));
    }
    tools.forEach(each -> each.of(invocation).forEach(line::addSubcommand));
    line.addSubcommand(new CommandLine.HelpCommand());
    line.setExpandAtFiles(false);
    int columns = invocation.console().columns();
    line.setUsageHelpWidth(Math.min(HELP_COLUMNS, Math.max(columns, LEAST_HELP_COLUMNS)));
    line.setExecutionExceptionHandler((failure, at, parsed) -> report(failure, tools));
    return line;
  }

  private static int report(Exception failure, List<ToolCommands> tools) {
    if (isOurs(failure) || tools.stream().anyMatch(each -> each.explains(failure))) {
      System.err.println("flowmeter: " + failure.getMessage());
    } else {
      System.err.println("flowmeter: " + failure);
      failure.printStackTrace(System.err);
    }
    return failure instanceof SettingsException ? USAGE : FAILED;
  }

  /** Whether the message says all that helps: what was expected, what came and what to do. */
  private static boolean isOurs(Exception failure) {
    return failure instanceof SettingsException
        || failure instanceof QueryException
        || failure instanceof UnusableDirectoryException
        || failure instanceof UnusableBackendException
        || failure instanceof SchemaRegistryException
        || failure instanceof MigrationException
        || failure instanceof RebuildException
        || failure instanceof DeadLetterReplayException
        || failure instanceof SourceNotFoundException
        || failure instanceof CommandException
        // A start that was given up, which says so.
        || failure instanceof CancellationException;
  }

  /** Without a command: the help. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
