package io.flowmeter.dev;

import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.local.LocalServers;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.ClickHouseEngine;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedServiceException;
import io.flowmeter.embedded.EmbeddedStack;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The embedded servers, for commands that need those of {@code up} while no {@code up} runs. */
public final class EmbeddedServers implements LocalServers {
  @Override
  public Started start(Settings settings, UpDirectory directory, Map<Server, Integer> wishedPorts) {
    EmbeddedStack.Plan plan = EmbeddedStack.in(directory.path());
    wishedPorts.forEach(
        (server, port) -> {
          switch (server) {
            case KAFKA -> plan.withKafka(port);
            case REGISTRY -> plan.withRegistry(port);
            case CLICKHOUSE ->
                plan.withClickHouse(
                    port,
                    ClickHouseUsers.of(directory.writerPassword(), directory.readerPassword()),
                    () ->
                        ClickHouseEngine.findOrInstall(
                            settings.get(Setting.EMBEDDED_CLICKHOUSE_ENGINE), System.err::println));
          }
        });
    try {
      return new Running(plan.start(), Set.copyOf(wishedPorts.keySet()));
    } catch (EmbeddedServiceException e) {
      throw new UnusableBackendException(e.getMessage(), e);
    }
  }

  private record Running(EmbeddedStack stack, Set<Server> servers) implements Started {
    @Override
    public Optional<String> kafka() {
      return servers.contains(Server.KAFKA)
          ? Optional.of(stack.kafka().bootstrapServers())
          : Optional.empty();
    }

    @Override
    public Optional<URI> registry() {
      return servers.contains(Server.REGISTRY)
          ? Optional.of(stack.registry().url())
          : Optional.empty();
    }

    @Override
    public Optional<URI> clickHouse() {
      return servers.contains(Server.CLICKHOUSE)
          ? Optional.of(stack.clickHouse().httpUrl())
          : Optional.empty();
    }

    @Override
    public String reader() {
      return ClickHouseUsers.READER;
    }

    @Override
    public void close() {
      stack.close();
    }
  }
}
