package io.flowmeter.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A JVM that hosts one server. It stops when its standard input ends, which also happens when the
 * parent dies in any way. Its output goes to a log file.
 */
final class ChildJvm {
  private static final int LOG_LINES_IN_MESSAGES = 15;

  private final Process process;
  private final Path log;

  private ChildJvm(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts the main class in a session of its own, so that a Ctrl-C for the parent does not reach
   * it.
   *
   * @param directory its working and home directory, which gets the log file {@code <name>.log}
   * @param main the name of its main class
   * @param classpath its complete class path
   */
  static ChildJvm start(
      String name,
      Path directory,
      String main,
      List<Path> classpath,
      List<String> jvmOptions,
      List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add("setsid");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    // The process is short-lived or mostly idle, so a quick start and a small heap matter most.
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:ErrorFile=" + directory.resolve("crash-%p.log"));
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-Djava.io.tmpdir=" + directory);
    command.add("-Duser.timezone=UTC");
    command.add("-cp");
    command.add(
        classpath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add(main);
    command.addAll(arguments);

    Path log = directory.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    // Passes nothing of this environment, because the servers read variables and tokens may be in
    // them.
    Map<String, String> environment = builder.environment();
    String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
    environment.clear();
    environment.put("PATH", path);
    environment.put("HOME", directory.toString());
    environment.put("LANG", "C.UTF-8");
    environment.put("TERM", "dumb");
    environment.put("TZ", "UTC");
    try {
      keepPrevious(log);
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      return new ChildJvm(builder.start(), log);
    } catch (IOException e) {
      throw new EmbeddedServiceException(
          "Could not run a Java process for %s: %s. This requires the command setsid (of util-linux) on the PATH."
              .formatted(name, e),
          e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  /** Completes with the exit code when the process ends. */
  CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /**
   * Requests the server to stop, and kills it after the grace period. Returns when the process has
   * ended.
   */
  void stop(Duration grace) {
    boolean interrupted = false;
    try {
      process.getOutputStream().close();
      if (process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not close the pipe to process " + process.pid(), e);
    } finally {
      process.destroyForcibly();
      process.onExit().join();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Sends a termination signal and leaves standard input open. Waits for the end without a limit.
   */
  void terminate() {
    process.destroy();
    process.onExit().join();
  }

  /** Kills the process as {@code kill -9} does, and returns when it has ended. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Returns the process's state, the path of its log and the last lines of the log. */
  String describe() {
    String state =
        process.isAlive() ? "is running" : "ended with exit code %d".formatted(process.exitValue());
    return "process %d %s; the last lines of its log %s:\n%s"
        .formatted(process.pid(), state, log, logTail());
  }

  private String logTail() {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return String.join(
          "\n", all.subList(Math.max(0, all.size() - LOG_LINES_IN_MESSAGES), all.size()));
    } catch (IOException e) {
      return "(cannot be read: " + e + ")";
    }
  }

  private static void keepPrevious(Path log) throws IOException {
    if (Files.exists(log)) {
      Files.move(
          log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
