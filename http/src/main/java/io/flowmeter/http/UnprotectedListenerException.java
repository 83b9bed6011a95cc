package io.flowmeter.http;

import java.io.IOException;

/** A listener was to be reached by others than this machine, without a password. */
public final class UnprotectedListenerException extends IOException {
  private static final long serialVersionUID = 1L;

  UnprotectedListenerException(String message) {
    super(message);
  }
}
