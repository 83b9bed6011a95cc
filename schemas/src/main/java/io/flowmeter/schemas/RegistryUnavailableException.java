package io.flowmeter.schemas;

/** The registry is unreachable or reports a server error. A retry may help. */
public final class RegistryUnavailableException extends SchemaRegistryException {
  private static final long serialVersionUID = 1L;

  public RegistryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
