package io.flowmeter.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The main class of the process around the ClickHouse engine. The engine expects a terminal and a
 * process of its own. It gets a pseudo-terminal as standard input, and a JVM that does nothing
 * else.
 *
 * <p>Arguments: the engine's library, the service's directory, and the engine's own arguments
 * starting with its name. Stops when standard input ends.
 */
final class ClickHouseHost {
  private static final long ENGINE_STACK_BYTES = 64L << 20;
  private static final long STOP_GRACE_MILLIS = 1_000;
  private static final int RTLD_NOW = 2;
  private static final int O_RDWR_NOCTTY = 2 | 0x100;

  /** The required functions of the C library. */
  interface LibC extends Library {
    int posix_openpt(int flags);

    int grantpt(int fd);

    int unlockpt(int fd);

    String ptsname(int fd);

    int open(String path, int flags);

    int dup2(int from, int to);

    NativeLong read(int fd, Pointer buffer, NativeLong count);

    NativeLong write(int fd, Pointer buffer, NativeLong count);

    void _exit(int status);
  }

  /** The required functions of the engine. */
  interface Engine extends Library {
    void chdb_set_signal_handlers_enabled(int enabled);

    Pointer chdb_query_cmdline(int argc, StringArray argv);

    String chdb_result_error(Pointer result);
  }

  private final LibC c = Native.load("c", LibC.class);
  private final InputStream parent;
  private final int terminal;
  private final Thread engine;

  private ClickHouseHost(String library, String[] engineArguments) throws IOException {
    // Opens the parent's pipe again before descriptor 0 becomes the terminal.
    parent = new FileInputStream("/proc/self/fd/0");
    terminal = openTerminal();
    Engine chdb = Native.load(library, Engine.class, Map.of(Library.OPTION_OPEN_FLAGS, RTLD_NOW));
    // Must be the first call, because the JVM needs its own handlers (it relies on SIGSEGV).
    chdb.chdb_set_signal_handlers_enabled(0);
    engine = new Thread(null, () -> run(chdb, engineArguments), "engine", ENGINE_STACK_BYTES);
  }

  public static void main(String[] args) throws Exception {
    List<String> arguments = List.of(args);
    FileLock lock = ChildLock.acquire(Path.of(arguments.get(1)));
    ClickHouseHost host =
        new ClickHouseHost(
            arguments.get(0), arguments.subList(2, arguments.size()).toArray(String[]::new));
    Runtime.getRuntime().addShutdownHook(new Thread(host::stop, "stop on signal"));
    daemon("terminal output", host::discardTerminalOutput);
    host.engine.start();
    daemon("parent watch", host::stopWithParent);
    host.engine.join();
    lock.release();
  }

  /**
   * Makes descriptor 0 a terminal. Without one, the engine is not interactive. It then installs an
   * error handler that aborts the process at the first garbage that a client sends.
   */
  private int openTerminal() {
    int master = c.posix_openpt(O_RDWR_NOCTTY);
    if (master < 0 || c.grantpt(master) != 0 || c.unlockpt(master) != 0) {
      throw new IllegalStateException(
          "The system provides no pseudo-terminal for the engine. Check that /dev/pts is mounted.");
    }
    int slave = c.open(c.ptsname(master), O_RDWR_NOCTTY);
    if (slave < 0 || c.dup2(slave, 0) != 0) {
      throw new IllegalStateException("Could not make a pseudo-terminal the standard input");
    }
    return master;
  }

  /** Serves until the engine is commanded to exit. */
  private void run(Engine chdb, String[] arguments) {
    Pointer result = chdb.chdb_query_cmdline(arguments.length, new StringArray(arguments));
    String error = chdb.chdb_result_error(result);
    if (error != null) {
      System.err.println("The engine ended: " + error);
    }
    // Not System.exit: unloading the engine under load aborts.
    c._exit(error == null ? 0 : 1);
  }

  /** Discards the prompt, because a full terminal would block the engine. */
  private void discardTerminalOutput() {
    Memory buffer = new Memory(4096);
    while (c.read(terminal, buffer, new NativeLong(buffer.size())).longValue() > 0) {}
  }

  private void stopWithParent() {
    try {
      while (parent.read() >= 0) {}
    } catch (IOException e) {
      System.err.println("Reading the parent's pipe failed: " + e);
    }
    stop();
  }

  /**
   * Lets queries finish for up to 1 s, then ends the process. Idle connections would keep the
   * engine running longer.
   */
  private void stop() {
    byte[] command = "exit\n".getBytes(US_ASCII);
    try (Memory buffer = new Memory(command.length)) {
      buffer.write(0, command, 0, command.length);
      c.write(terminal, buffer, new NativeLong(command.length));
    }
    try {
      engine.join(STOP_GRACE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    c._exit(0);
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
