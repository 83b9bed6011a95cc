package io.flowmeter.dev.torture;

import io.flowmeter.failpoint.Failpoint;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A command of the product in a process of its own, as an operator would run it, but for one thing:
 * it ends when this process does, by whatever.
 */
final class Child {
  /** Named, for the commands know this package. */
  private static final String MAIN = "io.flowmeter.dev.ChildFlowmeter";

  private static final String HEAP = "-Xmx320m";

  private static final Duration STOPS_WITHIN = Duration.ofSeconds(30);

  private final String name;
  private final Process process;
  private final long startedNanos = System.nanoTime();
  private Optional<Process> waker = Optional.empty();

  private Child(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param name of its directory below {@code home}, where its state and its log are
   * @param arguments the command and its own
   * @param environment its settings, secrets among them; of ours it gets nothing
   * @param armed where it is to end by itself, as {@link Failpoint#VARIABLE} wants it
   * @param jvmOptions besides those that all get
   */
  static Child start(
      Path home,
      String name,
      List<String> arguments,
      Map<String, String> environment,
      Optional<String> armed,
      List<String> jvmOptions) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(jvmOptions);
    line.addAll(
        List.of(
            HEAP,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Duser.timezone=UTC",
            "-cp",
            System.getProperty("java.class.path"),
            MAIN));
    line.addAll(arguments);
    line.addAll(List.of("--data", home.resolve(name).toString()));

    try {
      Path directory = Files.createDirectories(home.resolve(name));
      File log = directory.resolve("log").toFile();
      ProcessBuilder builder =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
      String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
      builder.environment().clear();
      builder.environment().put("PATH", path);
      builder.environment().putAll(environment);
      armed.ifPresent(point -> builder.environment().put(Failpoint.VARIABLE, point));
      return new Child(name, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("a process for " + name + " could not be started", e);
    }
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** How long it has been running, in real time. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /**
   * Halts it where it is; to the others it is as good as dead, but it does not know. Where this
   * process ends meanwhile, it goes on, and thereby ends.
   */
  void pause() throws InterruptedException {
    String pid = Long.toString(process.pid());
    // Woken by the end of its input; a Ctrl-C, which all of a terminal get, is not for it.
    waker =
        Optional.of(run("sh", "-c", "trap '' INT HUP TERM; read -r end; kill -CONT \"$0\"", pid));
    run("kill", "-STOP", pid).waitFor();
  }

  /** Lets it go on as if nothing had been. */
  void goOn() throws InterruptedException {
    try {
      waker.orElseThrow().getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " could not be woken", e);
    }
    waker.orElseThrow().waitFor();
    waker = Optional.empty();
  }

  private static Process run(String... command) {
    try {
      return new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.INHERIT)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("the command " + command[0] + " cannot be run", e);
    }
  }

  /** Kills it as {@code kill -9} does, and waits until it is gone. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
    waker.ifPresent(Process::destroyForcibly);
  }

  /** Asks it to stop in order, and waits; returns its exit code. */
  int stop() throws InterruptedException {
    // Not by destroy() of the process itself, which closes the pipe as well.
    process.toHandle().destroy();
    return await(STOPS_WITHIN);
  }

  /** Waits for its end; kills it where that takes longer. */
  int await(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      kill();
    }
    return process.exitValue();
  }

  int exitCode() {
    return process.exitValue();
  }
}
