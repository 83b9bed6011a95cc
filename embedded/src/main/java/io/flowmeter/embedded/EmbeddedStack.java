package io.flowmeter.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The requested embedded services, started and stopped in parallel. Each has a directory of its
 * name below one data directory.
 *
 * <pre>{@code
 * try (EmbeddedStack stack =
 *     EmbeddedStack.in(directory).withKafka(0).withRegistry(0).withClickHouse(0, users).start()) {
 *   stack.kafka().bootstrapServers();
 * }
 * }</pre>
 */
public final class EmbeddedStack implements AutoCloseable {

  /** The phase of a service, and the time since its start was requested. */
  public record Progress(String part, Phase phase, Duration since) {}

  /** The phases of a service that are shown to the user. */
  public enum Phase {
    STARTING,
    SERVING,
    FAILED,
    STOPPED
  }

  private final Map<String, EmbeddedService> services;
  private final Consumer<Progress> progress;
  private final CompletableFuture<EmbeddedServiceException> death = new CompletableFuture<>();

  private EmbeddedStack(Map<String, EmbeddedService> services, Consumer<Progress> progress) {
    this.services = services;
    this.progress = progress;
    services.values().forEach(service -> service.death().thenAccept(death::complete));
  }

  /** Returns an empty plan for a data directory. Services are added to the plan. */
  public static Plan in(Path dataDirectory) {
    return new Plan(dataDirectory);
  }

  /**
   * @throws IllegalStateException if the stack was started without it
   */
  public EmbeddedKafka kafka() {
    return service(EmbeddedKafka.NAME, EmbeddedKafka.class);
  }

  /**
   * @throws IllegalStateException if the stack was started without it
   */
  public EmbeddedSchemaRegistry registry() {
    return service(EmbeddedSchemaRegistry.NAME, EmbeddedSchemaRegistry.class);
  }

  /**
   * @throws IllegalStateException if the stack was started without it
   */
  public EmbeddedClickHouse clickHouse() {
    return service(EmbeddedClickHouse.NAME, EmbeddedClickHouse.class);
  }

  public List<EmbeddedService> services() {
    return List.copyOf(services.values());
  }

  /** Completes, with the reason, when the first service dies without being closed. */
  public CompletionStage<EmbeddedServiceException> death() {
    return death.minimalCompletionStage();
  }

  /** Stops all services in parallel. */
  @Override
  public void close() {
    long startNanos = System.nanoTime();
    inParallel(
        services.values().stream()
            .<Supplier<String>>map(
                service ->
                    () -> {
                      service.close();
                      progress.accept(
                          new Progress(service.name(), Phase.STOPPED, since(startNanos)));
                      return service.name();
                    })
            .toList());
  }

  private <T extends EmbeddedService> T service(String name, Class<T> type) {
    if (!services.containsKey(name)) {
      throw new IllegalStateException("The stack was started without " + name);
    }
    return type.cast(services.get(name));
  }

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Runs all tasks to their end, then throws the first failure, if any. */
  private static <T> List<T> inParallel(List<Supplier<T>> tasks) {
    ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, tasks.size()));
    try {
      List<CompletableFuture<T>> running =
          tasks.stream().map(task -> CompletableFuture.supplyAsync(task, threads)).toList();
      CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
      return running.stream().map(CompletableFuture::join).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof EmbeddedServiceException known ? known : e;
    } finally {
      threads.shutdown();
    }
  }

  /** The services to start. */
  public static final class Plan {
    private final Path dataDirectory;
    private final Map<String, Supplier<EmbeddedService>> starts = new LinkedHashMap<>();
    private Consumer<Progress> progress = step -> {};

    private Plan(Path dataDirectory) {
      this.dataDirectory = dataDirectory;
    }

    /** Adds a broker. Any free port is used if the preferred one is 0 or in use. */
    public Plan withKafka(int preferredPort) {
      Path directory = dataDirectory.resolve(EmbeddedKafka.NAME);
      starts.put(EmbeddedKafka.NAME, () -> EmbeddedKafka.start(directory, preferredPort));
      return this;
    }

    /** Adds a registry. Any free port is used if the preferred one is 0 or in use. */
    public Plan withRegistry(int preferredPort) {
      Path directory = dataDirectory.resolve(EmbeddedSchemaRegistry.NAME);
      starts.put(
          EmbeddedSchemaRegistry.NAME,
          () -> EmbeddedSchemaRegistry.start(directory, preferredPort));
      return this;
    }

    /** Adds a ClickHouse server. Any free HTTP port is used if the preferred one is 0 or in use. */
    public Plan withClickHouse(int preferredPort, ClickHouseUsers users) {
      return withClickHouse(preferredPort, users, ClickHouseEngine::find);
    }

    /**
     * Adds a ClickHouse server whose engine is located at its start, see {@link ClickHouseEngine}.
     */
    public Plan withClickHouse(int preferredPort, ClickHouseUsers users, Supplier<Path> engine) {
      Path directory = dataDirectory.resolve(EmbeddedClickHouse.NAME);
      starts.put(
          EmbeddedClickHouse.NAME,
          () -> EmbeddedClickHouse.start(directory, preferredPort, users, engine.get()));
      return this;
    }

    /** Sets the listener for progress. It is called from several threads. */
    public Plan onProgress(Consumer<Progress> listener) {
      progress = listener;
      return this;
    }

    /**
     * Starts all services in parallel and returns when all are ready.
     *
     * @throws EmbeddedServiceException if one cannot start; the others are stopped then
     */
    public EmbeddedStack start() {
      List<EmbeddedService> started = new ArrayList<>();
      long startNanos = System.nanoTime();
      try {
        List<Supplier<EmbeddedService>> tasks = new ArrayList<>();
        starts.forEach((name, start) -> tasks.add(() -> start(name, start, startNanos, started)));
        inParallel(tasks);
      } catch (RuntimeException e) {
        started.forEach(EmbeddedService::close);
        throw e;
      }
      Map<String, EmbeddedService> services = new LinkedHashMap<>();
      started.forEach(service -> services.put(service.name(), service));
      return new EmbeddedStack(services, progress);
    }

    private EmbeddedService start(
        String name,
        Supplier<EmbeddedService> start,
        long startNanos,
        List<EmbeddedService> started) {
      progress.accept(new Progress(name, Phase.STARTING, since(startNanos)));
      try {
        EmbeddedService service = start.get();
        synchronized (started) {
          started.add(service);
        }
        progress.accept(new Progress(name, Phase.SERVING, since(startNanos)));
        return service;
      } catch (RuntimeException e) {
        progress.accept(new Progress(name, Phase.FAILED, since(startNanos)));
        throw e;
      }
    }
  }
}
