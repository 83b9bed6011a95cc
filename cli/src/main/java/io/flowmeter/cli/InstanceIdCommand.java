package io.flowmeter.cli;

import io.flowmeter.cli.source.SourceAddress;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code flowmeter instance-id}. */
@Command(
    name = "instance-id",
    description = {
      "Tell as what an instance's id stands in topics, tables and dashboards: as it is, or hashed by privacy.ids.key.",
      "",
      "  flowmeter sql --param \"id=$(flowmeter instance-id order-1001)\" \\",
      "    \"SELECT * FROM instances WHERE instance_id = {id:String}\""
    },
    mixinStandardHelpOptions = true)
final class InstanceIdCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = "The id, as the platform shows it.")
  private String id;

  @Mixin private SettingsOptions options = new SettingsOptions();

  private final Invocation invocation;

  InstanceIdCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Override
  public Integer call() {
    invocation.console().onProgress(SourceAddress.ids(options.read(invocation)).publicId(id));
    return 0;
  }
}
