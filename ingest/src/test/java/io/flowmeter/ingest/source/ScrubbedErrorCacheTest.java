package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.privacy.ErrorPrivacy;
import org.junit.jupiter.api.Test;

class ScrubbedErrorCacheTest {
  private final ScrubbedErrorCache errors = new ScrubbedErrorCache(ErrorPrivacy.SCRUBBED);

  @Test
  void errorsThatRepeatAreKeptLikeAnyOther() {
    for (int i = 0; i < 1_000; i++) {
      String message = "order of a" + i % 170 + "@b.example failed " + i % 130 + " times";
      assertThat(errors.message(message)).isEqualTo(ErrorPrivacy.SCRUBBED.message(message));
      String name = "Error" + i % 60 + " a@b.example";
      assertThat(errors.name(name)).isEqualTo(ErrorPrivacy.SCRUBBED.name(name));
    }
  }

  @Test
  void theSameWordsAreHeldOnce() {
    assertThat(errors.message("to " + "a@b.example"))
        .isSameAs(errors.message(new String("to a@b.example")));
  }
}
