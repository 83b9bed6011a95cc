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

  private final Map<String, EmbeddedService> parts;
  private final Consumer<Progress> progress;
  private final CompletableFuture<EmbeddedServiceException> death = new CompletableFuture<>();

  private EmbeddedStack(Map<String, EmbeddedService> parts, Consumer<Progress> progress) {
    this.parts = parts;
    this.progress = progress;
    parts.values().forEach(part -> part.death().thenAccept(death::complete));
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
  public List<EmbeddedService> parts() {
    return List.copyOf(parts.values());
  }

  /** Completes, with the reason, when the first part dies without having been closed. */
  public CompletionStage<EmbeddedServiceException> death() {
    return death.minimalCompletionStage();
  }

  /** Stops all parts at the same time. */
  @Override
  public void close() {
    long begin = System.nanoTime();
    inParallel(
        parts.values().stream()
            .<Supplier<String>>map(
                part ->
                    () -> {
                      part.close();
                      progress.accept(new Progress(part.name(), Phase.STOPPED, since(begin)));
                      return part.name();
                    })
            .toList());
  }

  private <T extends EmbeddedService> T part(String name, Class<T> type) {
    if (!parts.containsKey(name)) {
      throw new IllegalStateException("The stack was started without " + name);
    }
    return type.cast(parts.get(name));
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
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
      long begin = System.nanoTime();
      try {
        List<Supplier<EmbeddedService>> tasks = new ArrayList<>();
        starts.forEach((name, start) -> tasks.add(() -> start(name, start, begin, started)));
        inParallel(tasks);
      } catch (RuntimeException e) {
        started.forEach(EmbeddedService::close);
        throw e;
      }
      Map<String, EmbeddedService> parts = new LinkedHashMap<>();
      started.forEach(part -> parts.put(part.name(), part));
      return new EmbeddedStack(parts, progress);
    }

    private EmbeddedService start(
        String name, Supplier<EmbeddedService> start, long begin, List<EmbeddedService> started) {
      progress.accept(new Progress(name, Phase.STARTING, since(begin)));
      try {
        EmbeddedService part = start.get();
        synchronized (started) {
          started.add(part);
        }
        progress.accept(new Progress(name, Phase.SERVING, since(begin)));
        return part;
      } catch (RuntimeException e) {
        progress.accept(new Progress(name, Phase.FAILED, since(begin)));
        throw e;
      }
    }
  }
}
