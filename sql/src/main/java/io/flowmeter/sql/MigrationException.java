package io.flowmeter.sql;

/**
 * The schema could not be brought up to date. The message says what to do; what was applied before
 * stays applied.
 */
public final class MigrationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MigrationException(String message) {
    super(message);
  }

  MigrationException(String message, Throwable cause) {
    super(message, cause);
  }
}
