package io.flowmeter.cli.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class AsyncCacheTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String FIGURES = "figures";

  /** Answers one by one, as a server's: figures, or what is thrown. */
  private final BlockingQueue<Object> answers = new LinkedBlockingQueue<>();

  private final AsyncCache<String> cache = new AsyncCache<>(this::take, Duration.ZERO);

  private String take() throws IOException {
    try {
      Object answer = answers.take();
      if (answer instanceof IOException away) {
        throw away;
      }
      if (answer instanceof RuntimeException refused) {
        throw refused;
      }
      return (String) answer;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aServerThatSaysNothingKeepsNobodyWaiting() throws Exception {
    assertThat(cache.came()).isFalse();

    answers.add(FIGURES);
    await("the first answer").atMost(PATIENCE).until(cache::came);
    assertThat(cache.result()).isEqualTo(FIGURES);

    // Asked again, and nothing comes.
    assertThat(cache.came()).isFalse();
    assertThat(cache.came()).isFalse();
    assertThat(cache.result()).isEqualTo(FIGURES);
    assertThat(cache.failure()).isEmpty();
  }

  @Test
  void figuresOfAServerThatWentAwayStayUntilItIsBack() throws Exception {
    answers.add(FIGURES);
    await("the first answer").atMost(PATIENCE).until(cache::came);

    answers.add(new IOException("Read timed out"));
    await("the failure").atMost(PATIENCE).until(cache::came);
    assertThat(cache.result()).isEqualTo(FIGURES);
    assertThat(cache.fresh()).isEmpty();
    assertThat(cache.failure()).contains("Read timed out");

    answers.add(FIGURES);
    await("the answer after the failure").atMost(PATIENCE).until(cache::came);
    assertThat(cache.failure()).isEmpty();
    assertThat(cache.fresh()).contains(FIGURES);
  }

  @Test
  void whyThereAreNoneYetIsThrown() {
    answers.add(new IOException("Connection refused"));
    await("the first failure").atMost(PATIENCE).until(cache::came);
    assertThatThrownBy(cache::result)
        .isInstanceOf(IOException.class)
        .hasMessage("Connection refused");

    answers.add(new IllegalStateException("Code: 60"));
    await("the second failure").atMost(PATIENCE).until(cache::came);
    assertThatThrownBy(cache::result).hasMessage("Code: 60");
  }
}
