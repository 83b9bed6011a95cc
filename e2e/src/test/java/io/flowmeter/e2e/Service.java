package io.flowmeter.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A command of the product in a process of its own, whose log is read as machines read it. */
final class Service implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  private final String name;
  private final Path log;
  private final long skipped;
  private final Process process;

  private Service(String name, Path log, long skipped, Process process) {
    this.name = name;
    this.log = log;
    this.skipped = skipped;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param name of its directory below {@code home}, which it may find from an earlier start
   * @param classPath of the build that is started
   * @param java options of the JVM
   * @param command with its arguments
   */
  static Service start(
      Path home,
      String name,
      Map<String, String> settings,
      String classPath,
      List<String> java,
      List<String> before,
      String... command) {
    return startLoggingTo("log", home, name, settings, classPath, java, before, command);
  }

  /**
   * The same for a command whose log does not go to standard error.
   *
   * @param logFile in its directory
   */
  static Service startLoggingTo(
      String logFile,
      Path home,
      String name,
      Map<String, String> settings,
      String classPath,
      List<String> java,
      List<String> before,
      String... command) {
    try {
      Path directory = Files.createDirectories(home.resolve(name));
      Path output = directory.resolve("log");
      Path log = directory.resolve(logFile);
      List<String> line = new ArrayList<>(before);
      line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      line.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
      line.addAll(java.isEmpty() ? List.of("-Xmx320m") : java);
      line.addAll(List.of("-cp", classPath, "io.flowmeter.cli.Flowmeter"));
      line.addAll(List.of(command));
      line.addAll(List.of("--data", directory.toString()));
      ProcessBuilder builder =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
      builder.environment().keySet().removeIf(key -> key.matches("(FLOWMETER|CLOUDFLARE)_.*"));
      builder.environment().putAll(settings);
      builder.environment().put("FLOWMETER_LOG_FORMAT", "json");
      long skipped = Files.exists(log) ? Files.size(log) : 0;
      return new Service(name, log, skipped, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it has said since its start. */
  String said() {
    try {
      byte[] all = Files.exists(log) ? Files.readAllBytes(log) : new byte[0];
      return new String(all, (int) skipped, all.length - (int) skipped, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Events of a name that it has told since its start, oldest first. */
  List<JsonNode> events(String event) {
    List<JsonNode> found = new ArrayList<>();
    for (String line : said().split("\n")) {
      if (line.startsWith("{") && line.endsWith("}")) {
        try {
          JsonNode read = JSON.readTree(line);
          if (read.path("event").asText().equals(event)) {
            found.add(read);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(line, e);
        }
      }
    }
    return found;
  }

  /** Waits for an event; fails where the process ends before. */
  JsonNode awaitEvent(String event) {
    Awaitility.await(name + " to tell " + event)
        .atMost(PATIENCE)
        .until(() -> !events(event).isEmpty() || !process.isAlive());
    List<JsonNode> found = events(event);
    if (found.isEmpty()) {
      throw new AssertionError(name + " ended without " + event + ":\n" + said());
    }
    return found.get(found.size() - 1);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** How a process ended. */
  record End(int code, Duration took) {}

  /** Asks it to stop, as {@code kill} does, and waits. */
  End stop() throws InterruptedException {
    long startNanos = System.nanoTime();
    process.destroy();
    return awaitEnd(startNanos);
  }

  /** Waits for its end. */
  End awaitEnd(long startNanos) throws InterruptedException {
    if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(name + " does not end:\n" + said());
    }
    return new End(process.exitValue(), Duration.ofNanos(System.nanoTime() - startNanos));
  }

  /** Where it serves its health; empty until it says so. */
  Optional<String> metrics() {
    return said()
        .lines()
        .filter(line -> line.contains("Metrics at "))
        .map(line -> line.substring(line.indexOf("http")).trim())
        .findFirst();
  }

  /** What it answers of its health or metrics. */
  HttpResponse<String> ask(String path) throws IOException, InterruptedException {
    URI metrics = URI.create(metrics().orElseThrow());
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics.resolve(path)).build(), BodyHandlers.ofString());
  }

  /** Waits until it says that it is ready. */
  void awaitReady() {
    Awaitility.await(name + " to be ready")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> ask("/ready").statusCode() == 200);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
