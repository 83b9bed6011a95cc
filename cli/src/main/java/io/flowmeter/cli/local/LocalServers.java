package io.flowmeter.cli.local;

import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.settings.Settings;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * Starts the servers whose data {@code up} keeps in a directory, for a command that needs them
 * while no {@code up} runs. {@link Tools} finds an implementation.
 */
public interface LocalServers {
  /** A server of {@code up}. */
  enum Server {
    KAFKA("kafka"),
    REGISTRY("registry"),
    CLICKHOUSE("clickhouse");

    private final String folder;

    Server(String folder) {
      this.folder = folder;
    }

    /** The name of its folder in the data directory. */
    public String folder() {
      return folder;
    }
  }

  /**
   * Starts servers and returns when all serve.
   *
   * @param settings of the command
   * @param directory stays claimed by the caller
   * @param wishedPorts which servers, each with its port; 0, or one that is taken, gives a free one
   */
  Started start(Settings settings, UpDirectory directory, Map<Server, Integer> wishedPorts);

  /** Servers that run until this is closed. What was not started has no address. */
  interface Started extends AutoCloseable {
    Optional<String> kafka();

    Optional<URI> registry();

    Optional<URI> clickHouse();

    /** The user of ClickHouse that may read only; its password is the directory's. */
    String reader();

    @Override
    void close();
  }
}
