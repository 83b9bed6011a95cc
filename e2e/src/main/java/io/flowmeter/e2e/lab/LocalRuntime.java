package io.flowmeter.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A running {@code wrangler dev} with the workflows of {@code e2e/lab}: Cloudflare's own runtime,
 * offline, on a free loopback port, with a home and a state directory of its own.
 *
 * <p>The runtime is a tree of processes (wrangler, its bundler, two of {@code workerd}). A shell at
 * its root reads our pipe and ends the tree when the pipe closes, so that none outlives this JVM,
 * however it ends.
 */
public final class LocalRuntime implements AutoCloseable {

  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(60);
  private static final Pattern LISTENS =
      Pattern.compile("Ready on (http://127\\.0\\.0\\.1:\\d+)\\s");

  /**
   * {@code workerd} keeps about three files open for each instance, so 1024 end at some 330
   * instances.
   */
  private static final String RAISE_OPEN_FILES =
      "ulimit -n 65536 2>/dev/null || ulimit -n $(ulimit -Hn)";

  private static final String GUARD =
      RAISE_OPEN_FILES
          + """

          exec 3<&0
          "$@" 3<&- &
          runtime=$!
          { read -r _ <&3; kill $runtime; } 2>/dev/null &
          guard=$!
          wait $runtime
          code=$?
          kill $guard 2>/dev/null
          exit $code
          """;

  private final Process shell;
  private final Path log;
  private final Set<ProcessHandle> tree = new LinkedHashSet<>();

  private ExplorerApi api;

  private LocalRuntime(Process shell, Path log) {
    this.shell = shell;
    this.log = log;
  }

  /**
   * Starts the runtime and waits until it answers.
   *
   * @param lab the folder {@code e2e/lab} with its packages installed
   * @param directory where its state, home and log go; instances found there go on
   * @throws IllegalStateException if it cannot start, with the end of its log
   */
  public static LocalRuntime start(Path lab, Path directory) {
    Path wrangler = lab.resolve("node_modules/wrangler/bin/wrangler.js");
    if (!Files.isRegularFile(wrangler)) {
      throw new IllegalStateException(
          "Cloudflare's runtime is not installed: expected %s. Run `npm ci` in %s."
              .formatted(wrangler, lab));
    }
    try {
      Path home = Files.createDirectories(directory.resolve("home"));
      Path log = directory.resolve("wrangler.log");
      ProcessBuilder builder =
          new ProcessBuilder(command(wrangler, directory.resolve("state")))
              .directory(lab.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      offline(builder.environment(), home);
      LocalRuntime runtime = new LocalRuntime(builder.start(), log);
      runtime.awaitReady();
      return runtime;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start Cloudflare's runtime in " + directory, e);
    }
  }

  /** The runtime's mirror of the Workflows API. */
  public ExplorerApi api() {
    return api;
  }

  /** The processes of the runtime that live now, its guarding shell first. */
  public List<ProcessHandle> processes() {
    return Stream.concat(Stream.of(shell.toHandle()), shell.descendants()).toList();
  }

  /**
   * Stops the runtime and proves that no process of it stays.
   *
   * @throws IllegalStateException if one does
   */
  @Override
  public void close() {
    tree.addAll(processes());
    try {
      shell.getOutputStream().close();
    } catch (IOException e) {
      // The pipe is broken: the shell has ended before us, and what it left behind is ended below.
      shell.destroy();
    }
    if (!ended(STOPPED_WITHIN)) {
      living().forEach(ProcessHandle::destroyForcibly);
      if (!ended(STOPPED_WITHIN)) {
        throw new IllegalStateException("processes of Cloudflare's runtime stay: " + living());
      }
    }
  }

  private static List<String> command(Path wrangler, Path state) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", GUARD, "local-runtime"));
    command.addAll(List.of("node", wrangler.toString(), "dev"));
    command.addAll(List.of("--ip", "127.0.0.1", "--port", "0"));
    command.addAll(List.of("--inspector-port", "0", "--show-interactive-dev-session=false"));
    command.addAll(List.of("--persist-to", state.toString()));
    return command;
  }

  /** An environment in which wrangler asks nobody: no account, no metrics, no updates, no proxy. */
  private static void offline(Map<String, String> environment, Path home) {
    String path = environment.get("PATH");
    environment.clear();
    environment.put("PATH", path);
    environment.put("HOME", home.toString());
    environment.put("XDG_CONFIG_HOME", home.resolve("config").toString());
    // The banner asks the npm registry for a newer version.
    environment.put("WRANGLER_HIDE_BANNER", "true");
    environment.put("WRANGLER_SEND_METRICS", "false");
    environment.put("WRANGLER_SEND_ERROR_REPORTS", "false");
    environment.put("DO_NOT_TRACK", "1");
    environment.put("CI", "1");
    environment.put("NO_COLOR", "1");
    environment.put("CLOUDFLARE_CF_FETCH_ENABLED", "false");
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    while (!isReady()) {
      if (!shell.isAlive() || System.nanoTime() > deadline) {
        String end = endOfLog();
        close();
        throw new IllegalStateException(
            "Cloudflare's runtime did not answer within %d s; its log ends:%n%s"
                .formatted(READY_WITHIN.toSeconds(), end));
      }
      waitForExit(Duration.ofMillis(100));
    }
    tree.addAll(processes());
  }

  /** The runtime binds a free port by itself, and says which. */
  private boolean isReady() {
    if (api == null) {
      Matcher listens = LISTENS.matcher(endOfLog());
      if (!listens.find()) {
        return false;
      }
      api = new ExplorerApi(URI.create(listens.group(1) + "/cdn-cgi/explorer/api"));
    }
    return api.isReady();
  }

  private boolean ended(Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (!living().isEmpty() && System.nanoTime() < deadline) {
      living().get(0).onExit().completeOnTimeout(null, 100, TimeUnit.MILLISECONDS).join();
    }
    return living().isEmpty();
  }

  private List<ProcessHandle> living() {
    return tree.stream().filter(ProcessHandle::isAlive).toList();
  }

  private void waitForExit(Duration atMost) {
    shell.onExit().completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  private String endOfLog() {
    try {
      String text = Files.readString(log, StandardCharsets.UTF_8);
      return text.substring(Math.max(0, text.length() - 2000));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
