package io.flowmeter.schemas;

/** The registry could not be reached or is in trouble itself: asking again later may help. */
public final class RegistryAwayException extends SchemaRegistryException {
  private static final long serialVersionUID = 1L;

  public RegistryAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
