package io.flowmeter.schemas;

import java.util.Map;
import org.apache.avro.Schema;

/**
 * A Confluent-compatible Schema Registry, as far as Flowmeter needs one. Implementations are safe
 * for use by many threads and remember what they have looked up.
 */
public interface SchemaRegistry extends AutoCloseable {

  /** What a subject's versions must be to each other: any reader reads any writer. */
  String FULL_TRANSITIVE = "FULL_TRANSITIVE";

  /**
   * The id under which the schema is registered in the subject. Looks up only.
   *
   * @throws SchemaRegistryException where the registry does not know it or cannot be reached
   */
  int idOf(String subject, Schema schema);

  /**
   * The schema of an id.
   *
   * @throws SchemaRegistryException where the registry does not know it or cannot be reached
   */
  Schema byId(int id);

  /**
   * Registers the schema and gives its id; the same schema again gives the same id.
   *
   * @throws SchemaRegistryException where the registry refuses it as incompatible or cannot be
   *     reached
   */
  int register(String subject, Schema schema);

  /** Sets what the subject's versions must be to each other. */
  void setCompatibility(String subject, String mode);

  /**
   * What the subject's versions must be to each other; empty where only the global default holds.
   */
  String compatibility(String subject);

  @Override
  void close();

  /** A registry at a URL with the Confluent API, such as {@code http://127.0.0.1:8081}. */
  static SchemaRegistry confluent(String url) {
    return confluent(url, Map.of());
  }

  /**
   * A registry at a URL with the Confluent API.
   *
   * @param config the Confluent client's own settings: credentials, TLS, time-outs
   */
  static SchemaRegistry confluent(String url, Map<String, ?> config) {
    return new ConfluentSchemaRegistry(url, config);
  }

  /** A registry in memory that registers what it is asked for: for tests of code above it. */
  static SchemaRegistry inMemory() {
    return new InMemorySchemaRegistry();
  }
}
