package io.flowmeter.dev.up;

import io.flowmeter.cli.health.Check;
import io.flowmeter.cli.health.Health;
import io.flowmeter.embedded.EmbeddedService;
import java.util.List;

/** The parts that {@code up} started itself. One that ended does not come back by itself. */
final class BackendsHealth implements Health {
  private final List<EmbeddedService> services;

  BackendsHealth(List<EmbeddedService> services) {
    this.services = List.copyOf(services);
  }

  @Override
  public List<Check> live() {
    return services.stream().map(BackendsHealth::check).toList();
  }

  @Override
  public List<Check> ready() {
    return live();
  }

  private static Check check(EmbeddedService service) {
    return service.isAlive()
        ? Check.well(service.name(), "runs on port " + service.port())
        : Check.ill(service.name(), "ended; see the log in " + service.directory());
  }
}
