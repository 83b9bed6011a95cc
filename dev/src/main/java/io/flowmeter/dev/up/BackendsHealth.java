package io.flowmeter.dev.up;

import io.flowmeter.cli.health.Check;
import io.flowmeter.cli.health.Health;
import io.flowmeter.embedded.EmbeddedService;
import java.util.List;

/** The parts that {@code up} started itself. One that ended does not come back by itself. */
final class BackendsHealth implements Health {
  private final List<EmbeddedService> parts;

  BackendsHealth(List<EmbeddedService> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public List<Check> live() {
    return parts.stream().map(BackendsHealth::check).toList();
  }

  @Override
  public List<Check> ready() {
    return live();
  }

  private static Check check(EmbeddedService part) {
    return part.isAlive()
        ? Check.well(part.name(), "runs on port " + part.port())
        : Check.ill(part.name(), "ended; see the log in " + part.directory());
  }
}
