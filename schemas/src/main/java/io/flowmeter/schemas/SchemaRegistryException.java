package io.flowmeter.schemas;

/**
 * The registry refused, did not know, or could not be reached. The message says which and what to
 * do.
 */
public class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
  }

  public SchemaRegistryException(String message) {
    super(message);
  }
}
