package io.flowmeter.dev;

import io.flowmeter.bench.BenchmarkException;
import io.flowmeter.cli.Invocation;
import io.flowmeter.cli.ToolCommands;
import io.flowmeter.dev.up.UpException;
import io.flowmeter.dev.verify.DayException;
import io.flowmeter.embedded.EmbeddedServiceException;
import java.util.List;

/** The commands of this module. */
public final class DevCommands implements ToolCommands {
  @Override
  public List<Object> of(Invocation invocation) {
    return List.of(
        new UpCommand(invocation),
        new SimulateCommand(invocation),
        new VerifyCommand(invocation),
        new TortureCommand(invocation),
        new BenchCommand(invocation));
  }

  @Override
  public boolean explains(Exception failure) {
    return failure instanceof UpException
        || failure instanceof DayException
        || failure instanceof EmbeddedServiceException
        || failure instanceof BenchmarkException;
  }
}
