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
 * Those of the three parts that were asked for, started and stopped at the same time, each in a
 * folder of its name below one data directory.
 *
 * <pre>{@code
 * try (EmbeddedStack stack =
 *     EmbeddedStack.in(directory).withKafka(0).withRegistry(0).withClickHouse(0, users).start()) {
 *   stack.kafka().bootstrapServers();
 * }
 * }</pre>
 */
public final class EmbeddedStack implements AutoCloseable {

  /** What a part has come to, {@code since} its start was asked for. */
  public record Progress(String part, Phase phase, Duration since) {}

  /** The steps of a part's life that a person waits for. */
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

  /** Plans a stack below a data directory; no part is in it until it is asked for. */
  public static Plan in(Path dataDirectory) {
    return new Plan(dataDirectory);
  }

  /**
   * The broker.
   *
   * @throws IllegalStateException when the stack was started without it
   */
  public EmbeddedKafka kafka() {
    return part(EmbeddedKafka.NAME, EmbeddedKafka.class);
  }

  /**
   * The registry.
   *
   * @throws IllegalStateException when the stack was started without it
   */
  public EmbeddedSchemaRegistry registry() {
    return part(EmbeddedSchemaRegistry.NAME, EmbeddedSchemaRegistry.class);
  }

  /**
   * The database server.
   *
   * @throws IllegalStateException when the stack was started without it
   */
  public EmbeddedClickHouse clickHouse() {
    return part(EmbeddedClickHouse.NAME, EmbeddedClickHouse.class);
  }

  /** The parts that were asked for. */
  public List<EmbeddedService> services() {
    return List.copyOf(services.values());
  }

  /** Completes, with the reason, when the first part dies without having been closed. */
  public CompletionStage<EmbeddedServiceException> death() {
    return death.minimalCompletionStage();
  }

  /** Stops all parts at the same time. */
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

  private <T extends EmbeddedService> T part(String name, Class<T> type) {
    if (!services.containsKey(name)) {
      throw new IllegalStateException("The stack was started without " + name);
    }
    return type.cast(services.get(name));
  }

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Runs all to their end, then throws the first failure, if any. */
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

  /** What to start. */
  public static final class Plan {
    private final Path dataDirectory;
    private final Map<String, Supplier<EmbeddedService>> starts = new LinkedHashMap<>();
    private Consumer<Progress> progress = step -> {};

    private Plan(Path dataDirectory) {
      this.dataDirectory = dataDirectory;
    }

    /** A broker on the wished port; 0, or one that is taken, gives any free one. */
    public Plan withKafka(int wishedPort) {
      Path directory = dataDirectory.resolve(EmbeddedKafka.NAME);
      starts.put(EmbeddedKafka.NAME, () -> EmbeddedKafka.start(directory, wishedPort));
      return this;
    }

    /** A registry on the wished port; 0, or one that is taken, gives any free one. */
    public Plan withRegistry(int wishedPort) {
      Path directory = dataDirectory.resolve(EmbeddedSchemaRegistry.NAME);
      starts.put(
          EmbeddedSchemaRegistry.NAME, () -> EmbeddedSchemaRegistry.start(directory, wishedPort));
      return this;
    }

    /** A ClickHouse server on the wished HTTP port; 0, or one that is taken, gives any free one. */
    public Plan withClickHouse(int wishedPort, ClickHouseUsers users) {
      return withClickHouse(wishedPort, users, ClickHouseEngine::find);
    }

    /** The same with an engine that is found when it starts, see {@link ClickHouseEngine}. */
    public Plan withClickHouse(int wishedPort, ClickHouseUsers users, Supplier<Path> engine) {
      Path directory = dataDirectory.resolve(EmbeddedClickHouse.NAME);
      starts.put(
          EmbeddedClickHouse.NAME,
          () -> EmbeddedClickHouse.start(directory, wishedPort, users, engine.get()));
      return this;
    }

    /** Where to tell the progress; called from several threads. */
    public Plan onProgress(Consumer<Progress> listener) {
      progress = listener;
      return this;
    }

    /**
     * Starts all at the same time and returns when all serve.
     *
     * @throws EmbeddedServiceException when one cannot start; the others are stopped then
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
