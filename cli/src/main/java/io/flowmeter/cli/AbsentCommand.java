package io.flowmeter.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Stands for a command whose jars are not on the class path, and says where they are. */
@Command(description = "Needs the folder `tools` of the archive.")
final class AbsentCommand implements Runnable {
  private final String name;

  private AbsentCommand(String name) {
    this.name = name;
  }

  /** For picocli, with any arguments. */
  static CommandLine named(String name) {
    return new CommandLine(new AbsentCommand(name)).setUnmatchedArgumentsAllowed(true);
  }

  @Override
  public void run() {
    throw new CommandException(
        "`%s` is in the folder tools of Flowmeter's archive, which is not on the class path: unpack the whole archive and run its bin/flowmeter, or put tools/*.jar on the class path"
            .formatted(name));
  }
}
