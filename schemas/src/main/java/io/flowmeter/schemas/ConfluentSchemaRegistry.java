package io.flowmeter.schemas;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

/**
 * The Confluent Schema Registry client. Only this file knows that it comes relocated inside another
 * artifact, with an Avro of its own, so that schemas are handed over as text.
 */
final class ConfluentSchemaRegistry implements SchemaRegistry {
  private static final int CACHED_SCHEMAS = 1_000;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int UNPROCESSABLE = 422;
  private static final int SERVER_ERROR = 500;

  private final String url;
  private final SchemaRegistryClient client;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<SubjectSchema, Integer> ids = new ConcurrentHashMap<>();

  private record SubjectSchema(String subject, Schema schema) {}

  static {
    // The client would follow a redirect to wherever it points, and whether credentials go along
    // is up to Java. It has no setting against that, and Java has one for the whole process only;
    // nothing here wants to follow any.
    HttpURLConnection.setFollowRedirects(false);
  }

  ConfluentSchemaRegistry(String url, Map<String, ?> config) {
    this.url = url;
    this.client = new CachedSchemaRegistryClient(List.of(url), CACHED_SCHEMAS, meant(config));
  }

  /**
   * The client's settings with what goes without saying: with a trust store of one's own it would
   * not compare the name in the certificate with the host's unless told to, and it would pass over
   * credentials whose kind is not named.
   */
  private static Map<String, Object> meant(Map<String, ?> config) {
    Map<String, Object> meant = new HashMap<>(config);
    meant.putIfAbsent("schema.registry.ssl.endpoint.identification.algorithm", "https");
    if (config.containsKey("basic.auth.user.info")) {
      meant.putIfAbsent("basic.auth.credentials.source", "USER_INFO");
    }
    if (config.containsKey("bearer.auth.token")) {
      meant.putIfAbsent("bearer.auth.credentials.source", "STATIC_TOKEN");
    }
    return meant;
  }

  @Override
  public int idOf(String subject, Schema schema) {
    SubjectSchema key = new SubjectSchema(subject, schema);
    Integer known = ids.get(key);
    if (known != null) {
      return known;
    }
    int id =
        execute(
            () -> "the schema " + schema.getFullName() + " in subject " + subject,
            "run `flowmeter migrate` with this version of Flowmeter first",
            () -> client.getId(subject, handOver(schema)));
    ids.put(key, id);
    return id;
  }

  @Override
  public Schema byId(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    Schema schema =
        execute(
            () -> "the schema of id " + id,
            "the topic was written with another registry, or the registry lost its data",
            () -> new Schema.Parser().parse(client.getSchemaById(id).canonicalString()));
    schemas.put(id, schema);
    return schema;
  }

  @Override
  public int register(String subject, Schema schema) {
    try {
      // A look first: some registries answer a repeated registration with a conflict.
      return client.getId(subject, handOver(schema));
    } catch (RestClientException e) {
      if (e.getStatus() != NOT_FOUND) {
        throw unreachable("the schema " + schema.getFullName() + " in subject " + subject, e);
      }
    } catch (IOException e) {
      throw unreachable("the schema " + schema.getFullName() + " in subject " + subject, e);
    }
    try {
      return client.register(subject, handOver(schema));
    } catch (RestClientException e) {
      if (e.getStatus() == CONFLICT || e.getStatus() == UNPROCESSABLE) {
        throw new SchemaRegistryException(
            "expected a schema of "
                + subject
                + " that any earlier version can read and be read by ("
                + FULL_TRANSITIVE
                + "), but the registry at "
                + url
                + " refused "
                + schema.getFullName()
                + ": "
                + e.getMessage()
                + ". Nothing was registered in its place, and what runs goes on with the schemas that"
                + " are there. Where the subject is another product's, use a registry of your own;"
                + " where a build changed the schema, it may only add fields with defaults, never"
                + " remove, rename or retype one. Then run flowmeter migrate again.",
            e);
      }
      throw unreachable("registering " + schema.getFullName() + " in subject " + subject, e);
    } catch (IOException e) {
      throw unreachable("registering " + schema.getFullName() + " in subject " + subject, e);
    }
  }

  @Override
  public void setCompatibility(String subject, String mode) {
    execute(
        () -> "setting the compatibility of " + subject + " to " + mode,
        "check that the registry allows its configuration to be changed",
        () -> client.updateCompatibility(subject, mode));
  }

  @Override
  public String compatibility(String subject) {
    try {
      return client.getCompatibility(subject);
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        return "";
      }
      throw unreachable("the compatibility of " + subject, e);
    } catch (IOException e) {
      throw unreachable("the compatibility of " + subject, e);
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw unreachable("closing the client", e);
    }
  }

  private static AvroSchema handOver(Schema schema) {
    return new AvroSchema(schema.toString());
  }

  private interface Call<T> {
    T get() throws IOException, RestClientException;
  }

  private <T> T execute(Supplier<String> what, String otherwise, Call<T> call) {
    try {
      return call.get();
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        throw new UnknownSchemaException(
            "the registry at " + url + " does not know " + what.get() + ": " + otherwise, e);
      }
      throw unreachable(what.get(), e);
    } catch (SchemaParseException e) {
      throw noAvro(what.get(), e);
    } catch (IOException e) {
      throw isNoAvro(e) ? noAvro(what.get(), e) : unreachable(what.get(), e);
    }
  }

  /** Of JSON Schema, say. The client has no exception for that, and says it as if it were away. */
  private static boolean isNoAvro(IOException failure) {
    return String.valueOf(failure.getMessage()).startsWith("Invalid schema ");
  }

  private UnknownSchemaException noAvro(String what, Exception cause) {
    return new UnknownSchemaException(
        "expected a schema of Avro in the registry at " + url + ", but " + what + " is none",
        cause);
  }

  private SchemaRegistryException unreachable(String what, Exception cause) {
    String message =
        "asked the registry at "
            + url
            + " for "
            + what
            + " and got: "
            + cause.getMessage()
            + ". Check that it runs, that the address ends with its Confluent API"
            + " and that the credentials hold.";
    return isUnavailable(cause)
        ? new RegistryUnavailableException(message, cause)
        : new SchemaRegistryException(message, cause);
  }

  /** An answer of the registry's own, and a certificate that is not trusted, stay as they are. */
  private static boolean isUnavailable(Exception cause) {
    return cause instanceof RestClientException answer
        ? answer.getStatus() >= SERVER_ERROR
        : !(cause instanceof SSLException);
  }
}
