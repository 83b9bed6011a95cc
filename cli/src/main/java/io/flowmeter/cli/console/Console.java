package io.flowmeter.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Lines for people: colours and a line that is rewritten in place on a terminal, plain lines
 * elsewhere. Safe for use by many threads.
 */
public final class Console implements ProgressListener {
  /** How often the live line is repeated where it cannot be rewritten. */
  static final Duration PIPED_EVERY = Duration.ofSeconds(10);

  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final int LEAST_COLUMNS = 40;

  private final PrintStream out;
  private final boolean terminal;
  private final boolean colours;
  private final int columns;
  private String live = "";
  private final LongSupplier nanoTime;
  private long lastPiped;

  Console(PrintStream out, boolean terminal, boolean colours, int columns, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.colours = colours;
    this.columns = Math.max(columns, LEAST_COLUMNS);
    this.nanoTime = nanoTime;
    this.lastPiped = nanoTime.getAsLong();
  }

  /**
   * Standard output. Whether it is a terminal, and how wide, is told by the {@code flowmeter}
   * script in the properties {@code flowmeter.terminal} and {@code flowmeter.columns}: a JVM can
   * only tell of input and output together.
   */
  public static Console standard(Map<String, String> environment) {
    boolean terminal = Boolean.getBoolean("flowmeter.terminal");
    boolean colours = terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Console(
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
        terminal && !"dumb".equals(environment.get("TERM")),
        colours,
        Integer.getInteger("flowmeter.columns", 100),
        System::nanoTime);
  }

  /** Plain lines for a stream that is no terminal. */
  public static Console plain(PrintStream out) {
    return new Console(out, false, false, LEAST_COLUMNS, System::nanoTime);
  }

  @Override
  public synchronized void onProgress(String line) {
    clearLive();
    out.println(line);
    drawLive();
  }

  @Override
  public void warn(String line) {
    onProgress(yellow("! ") + line);
  }

  @Override
  public synchronized void live(String line) {
    if (terminal) {
      clearLive();
      live = line;
      drawLive();
    } else if (!line.isEmpty() && nanoTime.getAsLong() - lastPiped >= PIPED_EVERY.toNanos()) {
      lastPiped = nanoTime.getAsLong();
      out.println(line);
    }
  }

  /** Whether the live line is rewritten in place, as terminals can. */
  public boolean rewrites() {
    return terminal;
  }

  /** Ends the live line; it stays to be read. */
  public synchronized void endLive() {
    if (!live.isEmpty()) {
      live = "";
      out.println();
    }
  }

  /** How wide the terminal is, or a page is to be. */
  public int columns() {
    return columns;
  }

  public boolean colours() {
    return colours;
  }

  public String bold(String text) {
    return coloured("1", text);
  }

  public String dim(String text) {
    return coloured("2", text);
  }

  public String green(String text) {
    return coloured("32", text);
  }

  public String yellow(String text) {
    return coloured("33", text);
  }

  public String red(String text) {
    return coloured("31", text);
  }

  private String coloured(String code, String text) {
    return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private void clearLive() {
    if (!live.isEmpty()) {
      out.print(CLEAR_LINE);
    }
  }

  /** Cut to the width of the terminal: a wrapped line could not be rewritten. */
  private void drawLive() {
    if (!live.isEmpty()) {
      out.print(live.length() < columns ? live : live.substring(0, columns - 2) + "…");
      out.flush();
    }
  }
}
