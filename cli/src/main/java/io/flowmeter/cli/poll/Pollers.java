package io.flowmeter.cli.poll;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A poller for each account, all in this process, each with its token and budget. */
public final class Pollers implements AutoCloseable {
  private final List<Ingest> pollers = new ArrayList<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

  private Pollers() {}

  /**
   * Starts them all, or none.
   *
   * @throws SourceNotFoundException where no Workflows API answers
   */
  public static Pollers start(
      List<SourceAddress> addresses, Backends backends, SchemaRegistry registry)
      throws SourceNotFoundException, InterruptedException {
    Pollers started = new Pollers();
    try {
      for (SourceAddress each : addresses) {
        started.pollers.add(
            Ingest.start(
                each.ingest(backends.settings()),
                backends.kafka(),
                registry,
                started.failure::complete));
      }
      return started;
    } catch (SourceNotFoundException | InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  public List<Ingest> all() {
    return List.copyOf(pollers);
  }

  /** Why one of them can tell nothing more; empty while all is well. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure.getNow(null));
  }

  /** Stops them side by side. */
  @Override
  public void close() {
    pollers.parallelStream().forEach(Ingest::close);
  }
}
