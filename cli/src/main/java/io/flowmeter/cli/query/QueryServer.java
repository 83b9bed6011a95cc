package io.flowmeter.cli.query;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.local.LocalServers;
import io.flowmeter.cli.local.LocalServers.Server;
import io.flowmeter.cli.local.Tools;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The server that answers a query: the configured one, else that of a running {@code up}, else one
 * started for this query alone.
 */
public final class QueryServer implements AutoCloseable {
  /** For an up that is just starting, or another query that has the directory. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final ClickHouseEndpoint endpoint;
  private final Runnable stop;

  private QueryServer(ClickHouseEndpoint endpoint, Runnable stop) {
    this.endpoint = endpoint;
    this.stop = stop;
  }

  /**
   * Finds or starts it.
   *
   * @throws QueryException where there is nothing to ask yet
   */
  public static QueryServer open(Settings settings) throws InterruptedException {
    if (settings.get(Setting.CLICKHOUSE_URL).isPresent()) {
      return new QueryServer(Backends.find(settings).reader(), () -> {});
    }
    Path directory = settings.get(Setting.DATA_DIR);
    if (!Files.isDirectory(directory.resolve(Server.CLICKHOUSE.folder()))) {
      throw new QueryException(
          "there is nothing in %s to ask yet: run flowmeter up first, or choose another --data"
              .formatted(directory));
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<UpDirectory> claimed = UpDirectory.claim(directory);
      if (claimed.isPresent()) {
        return startAlone(settings, claimed.get());
      }
      if (RunningServices.in(directory).isPresent()) {
        return new QueryServer(Backends.find(settings).reader(), () -> {});
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
    throw new QueryException(
        "another process has %s, and after %d s it still serves no ClickHouse: look into %s"
            .formatted(directory, PATIENCE.toSeconds(), directory.resolve("logs")));
  }

  private static QueryServer startAlone(Settings settings, UpDirectory directory) {
    try {
      LocalServers.Started started =
          Tools.localServers().start(settings, directory, Map.of(Server.CLICKHOUSE, 0));
      return new QueryServer(
          new ClickHouseEndpoint(
              started.clickHouse().orElseThrow().toString(),
              started.reader(),
              directory.readerPassword()),
          () -> {
            started.close();
            directory.close();
          });
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  public ClickHouseEndpoint endpoint() {
    return endpoint;
  }

  /** Stops what was started for the query. */
  @Override
  public void close() {
    stop.run();
  }
}
