package io.flowmeter.cli.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class NewestTest {
  private static final Figures NONE = new Figures(List.of(), List.of(), List.of());

  /** Answers one by one, as a server's: figures, or what is thrown. */
  private final BlockingQueue<Object> answers = new LinkedBlockingQueue<>();

  private final Newest newest = new Newest(this::take, Duration.ZERO);

  private Figures take() throws IOException {
    try {
      Object answer = answers.take();
      if (answer instanceof IOException away) {
        throw away;
      }
      if (answer instanceof RuntimeException refused) {
        throw refused;
      }
      return (Figures) answer;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aServerThatSaysNothingKeepsNobodyWaiting() throws Exception {
    assertThat(newest.came()).isFalse();

    answers.add(NONE);
    await().until(newest::came);
    assertThat(newest.figures()).isEqualTo(NONE);

    // Asked again, and nothing comes.
    assertThat(newest.came()).isFalse();
    assertThat(newest.came()).isFalse();
    assertThat(newest.figures()).isEqualTo(NONE);
    assertThat(newest.trouble()).isEmpty();
  }

  @Test
  void figuresOfAServerThatWentAwayStayUntilItIsBack() throws Exception {
    answers.add(NONE);
    await().until(newest::came);

    answers.add(new IOException("Read timed out"));
    await().until(newest::came);
    assertThat(newest.figures()).isEqualTo(NONE);
    assertThat(newest.trouble()).isEqualTo("these figures are old: Read timed out");

    answers.add(NONE);
    await().until(newest::came);
    assertThat(newest.trouble()).isEmpty();
  }

  @Test
  void whyThereAreNoneYetIsThrown() {
    answers.add(new IOException("Connection refused"));
    await().until(newest::came);
    assertThatThrownBy(newest::figures)
        .isInstanceOf(IOException.class)
        .hasMessage("Connection refused");

    answers.add(new IllegalStateException("Code: 60"));
    await().until(newest::came);
    assertThatThrownBy(newest::figures).hasMessage("Code: 60");
  }
}
