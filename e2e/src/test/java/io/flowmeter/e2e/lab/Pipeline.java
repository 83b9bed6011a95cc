package io.flowmeter.e2e.lab;

import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.verify.relation.RelationReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** A running {@code flowmeter up}, in a process of its own that can be stopped or killed. */
final class Pipeline {

  private static final Duration STARTS_WITHIN = Duration.ofSeconds(120);
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(60);

  private final Process process;
  private final Path data;

  private Pipeline(Process process, Path data) {
    this.process = process;
    this.data = data;
  }

  /**
   * Starts it on a data directory, which may be of a pipeline before, and waits until it answers
   * SQL.
   */
  static Pipeline start(URI source, Path data, Path log) throws IOException {
    return start(source, Map.of(), data, log);
  }

  /** The same with settings in the environment. */
  static Pipeline start(URI source, Map<String, String> settings, Path data, Path log)
      throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx1g",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            "-Dflowmeter.home=" + System.getProperty("flowmeter.home"),
            "io.flowmeter.cli.Flowmeter",
            "up",
            "--source",
            source.toString(),
            "--data",
            data.toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // Settings and credentials of whoever runs the build are none of the test's.
    builder.environment().keySet().removeIf(name -> name.matches("(FLOWMETER|CLOUDFLARE)_.*"));
    builder.environment().putAll(settings);
    Process process = builder.start();
    Pipeline pipeline = new Pipeline(process, data);
    try {
      await("flowmeter up")
          .atMost(STARTS_WITHIN)
          .until(() -> !process.isAlive() || pipeline.answers());
    } catch (ConditionTimeoutException e) {
      pipeline.kill();
      throw new AssertionError("`up` does not answer: " + Files.readString(log), e);
    }
    if (!process.isAlive()) {
      throw new AssertionError("`up` ended by itself: " + Files.readString(log));
    }
    return pipeline;
  }

  /** The broker's address. */
  String kafka() {
    return RunningServices.in(data).orElseThrow().kafka().orElseThrow();
  }

  /** Reads the relations as the user that {@code up} made for reading. */
  RelationReader reader() {
    try {
      URI clickHouse = URI.create(RunningServices.in(data).orElseThrow().clickHouse());
      return new RelationReader(
          clickHouse, Files.readString(data.resolve("reader.password")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Kills it, so that nothing of it can be tidied up, and waits until its parts have ended as well.
   */
  void kill() {
    List<ProcessHandle> tree = tree();
    process.destroyForcibly();
    awaitEnd(tree);
  }

  /**
   * Stops it as Ctrl-C does, and returns its exit code. The exit code is there a moment after the
   * process is gone, so it is awaited as well.
   */
  int stop() {
    List<ProcessHandle> tree = tree();
    process.destroy();
    awaitEnd(tree);
    return process.onExit().join().exitValue();
  }

  private List<ProcessHandle> tree() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
  }

  private static void awaitEnd(List<ProcessHandle> tree) {
    try {
      await("the end of all processes")
          .atMost(STOPS_WITHIN)
          .until(() -> tree.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      tree.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private boolean answers() {
    try {
      return RunningServices.in(data).filter(running -> running.pid() == process.pid()).isPresent()
          && !reader().query("SELECT count() AS n FROM workflows").isEmpty();
    } catch (RuntimeException notYet) {
      return false;
    }
  }
}
