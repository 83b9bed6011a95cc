package io.flowmeter.schemas;

import java.util.Map;
import org.apache.avro.Schema;

/**
 * The part of a Confluent-compatible Schema Registry that Flowmeter needs. Implementations are
 * thread-safe and cache what they have looked up.
 */
public interface SchemaRegistry extends AutoCloseable {

  /** Compatibility mode in which every version can read every other version's data. */
  String FULL_TRANSITIVE = "FULL_TRANSITIVE";

  /**
   * Returns the ID under which the schema is registered in the subject. Only looks up.
   *
   * @throws SchemaRegistryException if the registry does not know it or cannot be reached
   */
  int idOf(String subject, Schema schema);

  /**
   * Returns the schema with this ID.
   *
   * @throws SchemaRegistryException if the registry does not know it or cannot be reached
   */
  Schema byId(int id);

  /**
   * Registers the schema and returns its ID. The same schema always gets the same ID.
   *
   * @throws SchemaRegistryException if the registry rejects it as incompatible or cannot be reached
   */
  int register(String subject, Schema schema);

  void setCompatibility(String subject, String mode);

  /** Returns the subject's compatibility mode; empty if only the global default applies. */
  String compatibility(String subject);

  @Override
  void close();

  /** Returns a registry at a URL with the Confluent API, such as {@code http://127.0.0.1:8081}. */
  static SchemaRegistry confluent(String url) {
    return confluent(url, Map.of());
  }

  /**
   * Returns a registry at a URL with the Confluent API.
   *
   * @param config the Confluent client's own settings: credentials, TLS, timeouts
   */
  static SchemaRegistry confluent(String url, Map<String, ?> config) {
    return new ConfluentSchemaRegistry(url, config);
  }

  /** Returns a registry in memory that registers each schema on lookup. For tests. */
  static SchemaRegistry inMemory() {
    return new InMemorySchemaRegistry();
  }
}
