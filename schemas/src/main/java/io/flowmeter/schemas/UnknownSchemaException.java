package io.flowmeter.schemas;

/** The registry answered that it does not know the schema: asking again will not help. */
public final class UnknownSchemaException extends SchemaRegistryException {
  private static final long serialVersionUID = 1L;

  public UnknownSchemaException(String message, Throwable cause) {
    super(message, cause);
  }
}
