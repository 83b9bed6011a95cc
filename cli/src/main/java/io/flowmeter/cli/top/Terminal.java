package io.flowmeter.cli.top;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * The terminal's other screen, as {@code less} uses it, and its keys one by one. Closed, all is as
 * it was. Without {@code stty} there are no keys, and the size is a guess.
 */
final class Terminal implements AutoCloseable {
  private static final File TTY = new File("/dev/tty");
  private static final int GUESSED_ROWS = 24;

  private static final String OTHER_SCREEN = "\u001b[?1049h\u001b[?25l";
  private static final String OWN_SCREEN = "\u001b[?25h\u001b[?1049l";
  private static final String TOP_LEFT = "\u001b[H";
  private static final String CLEAR_TO_LINE_END = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream out;
  private final Optional<String> before;
  private final Optional<InputStream> keys;
  private final AtomicBoolean resized = new AtomicBoolean();
  private final AtomicBoolean givenBack = new AtomicBoolean();
  private final int guessedColumns;

  private Terminal(int guessedColumns) throws IOException {
    this.guessedColumns = guessedColumns;
    this.out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)),
            false,
            StandardCharsets.UTF_8);
    this.before = stty("-g");
    this.keys =
        before.isPresent() && stty("-icanon", "-echo").isPresent()
            ? Optional.of(new FileInputStream(TTY))
            : Optional.empty();
    try {
      Signal.handle(new Signal("WINCH"), signal -> resized.set(true));
    } catch (IllegalArgumentException e) {
      // Not told here: the size is asked for with each drawing anyway.
      resized.set(false);
    }
    write(OTHER_SCREEN);
  }

  /**
   * Takes the terminal.
   *
   * @param guessedColumns where it does not tell its width
   */
  static Terminal open(int guessedColumns) throws IOException {
    return new Terminal(guessedColumns);
  }

  /** Whether its size changed since this was asked. */
  boolean resized() {
    return resized.getAndSet(false);
  }

  /** Rows and columns. */
  Size size() {
    return stty("size")
        .flatMap(Size::parse)
        .orElseGet(() -> new Size(GUESSED_ROWS, guessedColumns));
  }

  /** Rows and columns of a terminal. */
  record Size(int rows, int columns) {
    private static final int LEAST_ROWS = 8;
    private static final int LEAST_COLUMNS = 20;

    Size {
      rows = Math.max(rows, LEAST_ROWS);
      columns = Math.max(columns, LEAST_COLUMNS);
    }

    /** As {@code stty size} tells; empty where the terminal does not know, which is 0. */
    static Optional<Size> parse(String text) {
      String[] both = text.strip().split(" ");
      try {
        return both.length == 2 && !both[1].equals("0") && !both[0].equals("0")
            ? Optional.of(new Size(Integer.parseInt(both[0]), Integer.parseInt(both[1])))
            : Optional.empty();
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
  }

  /** Writes these lines over what is there. */
  void draw(List<String> lines) {
    write(
        TOP_LEFT + String.join(CLEAR_TO_LINE_END + "\n", lines) + CLEAR_TO_LINE_END + CLEAR_BELOW);
  }

  /** A key that was pressed, if there was one. */
  Optional<Character> key() throws IOException {
    if (keys.isEmpty() || keys.get().available() == 0) {
      return Optional.empty();
    }
    int key = keys.get().read();
    return key < 0 ? Optional.empty() : Optional.of((char) key);
  }

  /** Makes all as it was, once. For any thread. */
  void giveBack() {
    if (givenBack.compareAndSet(false, true)) {
      write(OWN_SCREEN);
      before.ifPresent(Terminal::stty);
    }
  }

  @Override
  public void close() throws IOException {
    giveBack();
    if (keys.isPresent()) {
      keys.get().close();
    }
  }

  private void write(String text) {
    out.print(text);
    out.flush();
  }

  /** What {@code stty} answers; empty where it fails or is not there. */
  private static Optional<String> stty(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process stty =
          new ProcessBuilder(command)
              .redirectInput(TTY)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String result = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return stty.waitFor(5, TimeUnit.SECONDS) && stty.exitValue() == 0
          ? Optional.of(result.strip())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
