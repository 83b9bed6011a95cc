package io.flowmeter.schemas;

/** The registry does not know the schema. A retry does not help. */
public final class UnknownSchemaException extends SchemaRegistryException {
  private static final long serialVersionUID = 1L;

  public UnknownSchemaException(String message, Throwable cause) {
    super(message, cause);
  }
}
