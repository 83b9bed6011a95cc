package io.flowmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

class AnswerOutputIT {

  /** As {@code head} ends its reading. */
  @Test
  void thatNobodyReadsAnyMoreIsToldApart() throws IOException {
    Process reader = new ProcessBuilder("sh", "-c", "exec <&-; echo; exec sleep 60").start();
    try {
      assertThat(reader.getInputStream().read()).isEqualTo('\n');
      OutputStream pipe = new AnswerOutput(reader.getOutputStream());

      assertThatThrownBy(() -> pipe.write(new byte[1 << 20]))
          .isInstanceOf(AnswerOutput.ClosedException.class);
    } finally {
      reader.destroyForcibly();
    }
  }

  @Test
  void aDiskWithoutRoomIsAFailure() throws IOException {
    try (OutputStream full = new AnswerOutput(new FileOutputStream("/dev/full"))) {
      assertThatThrownBy(() -> full.write('x'))
          .isInstanceOf(AnswerOutput.FailedException.class)
          .isNotInstanceOf(AnswerOutput.ClosedException.class)
          .hasMessageContaining("No space left");
    }
  }
}
