package io.flowmeter.sql;

/** ClickHouse refused a query; the message is its own. */
public final class RefusedQueryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedQueryException(String message) {
    super(message);
  }
}
