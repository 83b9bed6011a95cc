package io.flowmeter.schemas;

/** The registry could not be reached or is in trouble itself: asking again later may help. */
public final class RegistryUnavailableException extends SchemaRegistryException {
  private static final long serialVersionUID = 1L;

  public RegistryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
