package io.flowmeter.dev.up;

import io.flowmeter.cli.health.Check;
import io.flowmeter.cli.health.Health;
import io.flowmeter.embedded.EmbeddedPart;
import java.util.List;

/** The parts that {@code up} started itself. One that ended does not come back by itself. */
final class PartsHealth implements Health {
  private final List<EmbeddedPart> parts;

  PartsHealth(List<EmbeddedPart> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public List<Check> live() {
    return parts.stream().map(PartsHealth::check).toList();
  }

  @Override
  public List<Check> ready() {
    return live();
  }

  private static Check check(EmbeddedPart part) {
    return part.isAlive()
        ? Check.well(part.name(), "runs on port " + part.port())
        : Check.ill(part.name(), "ended; see the log in " + part.directory());
  }
}
