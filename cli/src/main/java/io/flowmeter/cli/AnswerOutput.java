package io.flowmeter.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Where an answer goes. What goes wrong there is told apart from what goes wrong at its source. */
final class AnswerOutput extends FilterOutputStream {
  /** What the system says where whoever reads from a pipe has gone. */
  private static final String NOBODY_READS = "Broken pipe";

  AnswerOutput(OutputStream out) {
    super(out);
  }

  /** It could not be written. */
  static class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private FailedException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Nobody reads any more. */
  static final class ClosedException extends FailedException {
    private static final long serialVersionUID = 1L;

    private ClosedException(IOException cause) {
      super(cause);
    }
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      throw NOBODY_READS.equals(e.getMessage()) ? new ClosedException(e) : new FailedException(e);
    }
  }
}
