package io.flowmeter.http;

import java.io.IOException;

/** Other machines could reach a listener that has no password. */
public final class UnprotectedListenerException extends IOException {
  private static final long serialVersionUID = 1L;

  UnprotectedListenerException(String message) {
    super(message);
  }
}
