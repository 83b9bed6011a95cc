package io.flowmeter.cli.top;

import io.flowmeter.cli.query.AsyncCache;
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

  /** How the end is asked for. */
  public interface Stop {
    /** Whether to stop, after waiting for so long. */
    boolean await(Duration patience) throws InterruptedException;

    /** What has to be done even where the process cannot wait for its end. */
    void beforeHalting(Runnable last);
  }

  /**
   * The lines of a page, so many columns wide.
   *
   * @throws IOException where the server cannot be reached
   */
  public List<String> page(int columns) throws IOException {
    return new Screen(columns, colours).page(queries.read(), view, range);
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
    AsyncCache<Figures> cache = new AsyncCache<>(queries::read, every);
    while (!cache.came()) {
      if (stop.await(TICK)) {
        return;
      }
    }
    cache.result();
    View looked = view;
    try (Terminal terminal = Terminal.open(guessedColumns)) {
      stop.beforeHalting(terminal::giveBack);
      char key = NO_KEY;
      while (key != QUIT) {
        draw(terminal, cache, looked);
        key = next(terminal, stop, cache);
        looked = looked.after(key);
      }
    }
  }

  private void draw(Terminal terminal, AsyncCache<Figures> cache, View looked) throws IOException {
    Terminal.Size size = terminal.size();
    Screen screen = new Screen(size.columns(), colours);
    String old = cache.failure().map(why -> "these figures are old: " + why).orElse("");
    terminal.draw(screen.fit(cache.result(), looked, range, size.rows(), old));
  }

  /**
   * Waits for a key, and tells it; or no key when the terminal's size changed or there is something
   * new to show. A stop is taken for the key to quit.
   */
  private static char next(Terminal terminal, Stop stop, AsyncCache<Figures> cache)
      throws IOException, InterruptedException {
    while (!cache.came() && !terminal.resized()) {
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
