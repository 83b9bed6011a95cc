package io.flowmeter.cli.top;

import io.flowmeter.cli.query.QueryException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Shows figures, once or as they change.
 *
 * @param queries where they come from
 * @param range as it was asked for, such as {@code 1h}
 * @param view what is looked at first
 * @param colours whether what matters stands out
 */
public record Top(FigureQueries queries, String range, View view, boolean colours) {
  private static final Duration TICK = Duration.ofMillis(50);
  private static final char QUIT = 'q';
  private static final char NO_KEY = '\0';

  /** Whether to stop, after waiting for so long. */
  @FunctionalInterface
  public interface Stop {
    boolean await(Duration patience) throws InterruptedException;
  }

  /**
   * The lines of a page, so many columns wide.
   *
   * @throws IOException where the server cannot be reached
   */
  public List<String> page(int columns) throws IOException {
    return new Screen(columns, colours).page(queries.ask(), view, range);
  }

  /**
   * Shows the figures on the whole terminal until the key q or a stop. Where the server is away
   * after it had answered once, the last figures stay, and the last line says why.
   *
   * @param every how often they are asked for
   * @param guessedColumns where the terminal does not tell its width
   * @throws IOException where the server cannot be reached at first
   */
  public void live(Duration every, int guessedColumns, Stop stop)
      throws IOException, InterruptedException {
    Figures figures = queries.ask();
    String trouble = "";
    View looked = view;
    long asked = System.nanoTime();
    try (Terminal terminal = Terminal.open(guessedColumns)) {
      while (true) {
        draw(terminal, figures, looked, trouble);
        char key = next(terminal, stop, asked + every.toNanos());
        if (key == QUIT) {
          return;
        }
        looked = looked.after(key);
        if (System.nanoTime() - asked >= every.toNanos()) {
          try {
            figures = queries.ask();
            trouble = "";
          } catch (IOException | QueryException e) {
            trouble = "these figures are old: " + e.getMessage();
          }
          asked = System.nanoTime();
        }
      }
    }
  }

  private void draw(Terminal terminal, Figures figures, View looked, String trouble) {
    Terminal.Size size = terminal.size();
    Screen screen = new Screen(size.columns(), colours);
    terminal.draw(screen.fit(figures, looked, range, size.rows(), trouble));
  }

  /**
   * Waits for a key, and tells it; or no key when the terminal's size changed or the time has come,
   * by the JVM's nano time. A stop is taken for the key to quit.
   */
  private static char next(Terminal terminal, Stop stop, long until)
      throws IOException, InterruptedException {
    while (System.nanoTime() - until < 0 && !terminal.resized()) {
      if (stop.await(TICK)) {
        return QUIT;
      }
      Optional<Character> key = terminal.key();
      if (key.isPresent()) {
        return key.get();
      }
    }
    return NO_KEY;
  }
}
