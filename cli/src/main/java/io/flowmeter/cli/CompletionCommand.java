package io.flowmeter.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flowmeter completion}. */
@Command(
    name = "completion",
    description =
        "Print a script for bash and zsh that completes commands, options and ready queries.",
    footer = {"", "  source <(flowmeter completion)"},
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private final Invocation invocation;

  CompletionCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() {
    invocation.requireNoSettings("the script does not depend on them");
    invocation
        .console()
        .onProgress(AutoComplete.bash("flowmeter", spec.root().commandLine()).stripTrailing());
    return 0;
  }
}
