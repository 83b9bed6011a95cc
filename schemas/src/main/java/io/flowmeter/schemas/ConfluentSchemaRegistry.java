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
 * The Confluent Schema Registry client. The client is relocated inside another artifact and has its
 * own copy of Avro, so schemas are passed to it as text. Only this file depends on that.
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
    // The client would follow a redirect to any host, and Java decides whether it sends the
    // credentials there. The client has no setting against that; Java's setting is for the whole
    // process. Nothing in this process needs to follow redirects.
    HttpURLConnection.setFollowRedirects(false);
  }

  ConfluentSchemaRegistry(String url, Map<String, ?> config) {
    this.url = url;
    this.client =
        new CachedSchemaRegistryClient(List.of(url), CACHED_SCHEMAS, withDefaults(config));
  }

  /**
   * Returns the client's settings with safe defaults. With a custom trust store, the client does
   * not compare the certificate's name with the host by default. It also ignores credentials whose
   * source is not named.
   */
  private static Map<String, Object> withDefaults(Map<String, ?> config) {
    Map<String, Object> withDefaults = new HashMap<>(config);
    withDefaults.putIfAbsent("schema.registry.ssl.endpoint.identification.algorithm", "https");
    if (config.containsKey("basic.auth.user.info")) {
      withDefaults.putIfAbsent("basic.auth.credentials.source", "USER_INFO");
    }
    if (config.containsKey("bearer.auth.token")) {
      withDefaults.putIfAbsent("bearer.auth.credentials.source", "STATIC_TOKEN");
    }
    return withDefaults;
  }

  @Override
  public int idOf(String subject, Schema schema) {
    SubjectSchema key = new SubjectSchema(subject, schema);
    Integer cached = ids.get(key);
    if (cached != null) {
      return cached;
    }
    int id =
        execute(
            () -> "the schema " + schema.getFullName() + " in subject " + subject,
            "run `flowmeter migrate` with this version of Flowmeter first",
            () -> client.getId(subject, convert(schema)));
    ids.put(key, id);
    return id;
  }

  @Override
  public Schema byId(int id) {
    Schema cached = schemas.get(id);
    if (cached != null) {
      return cached;
    }
    Schema schema =
        execute(
            () -> "the schema with ID " + id,
            "the topic was written with another registry, or the registry lost its data",
            () -> new Schema.Parser().parse(client.getSchemaById(id).canonicalString()));
    schemas.put(id, schema);
    return schema;
  }

  @Override
  public int register(String subject, Schema schema) {
    try {
      // Look up first, because some registries respond to a repeated registration with a conflict.
      return client.getId(subject, convert(schema));
    } catch (RestClientException e) {
      if (e.getStatus() != NOT_FOUND) {
        throw failed("the schema " + schema.getFullName() + " in subject " + subject, e);
      }
    } catch (IOException e) {
      throw failed("the schema " + schema.getFullName() + " in subject " + subject, e);
    }
    try {
      return client.register(subject, convert(schema));
    } catch (RestClientException e) {
      if (e.getStatus() == CONFLICT || e.getStatus() == UNPROCESSABLE) {
        throw new SchemaRegistryException(
            "expected a schema of "
                + subject
                + " that is compatible with every earlier version in both directions ("
                + FULL_TRANSITIVE
                + "), but the registry at "
                + url
                + " rejected "
                + schema.getFullName()
                + ": "
                + e.getMessage()
                + ". Nothing was registered. Running processes continue with the existing schemas."
                + " If the subject belongs to another product, use a separate registry."
                + " If a build changed the schema, it may only add fields with defaults, never"
                + " remove, rename or retype one. Then run flowmeter migrate again.",
            e);
      }
      throw failed("registering " + schema.getFullName() + " in subject " + subject, e);
    } catch (IOException e) {
      throw failed("registering " + schema.getFullName() + " in subject " + subject, e);
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
      throw failed("the compatibility of " + subject, e);
    } catch (IOException e) {
      throw failed("the compatibility of " + subject, e);
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw failed("closing the client", e);
    }
  }

  private static AvroSchema convert(Schema schema) {
    return new AvroSchema(schema.toString());
  }

  private interface Call<T> {
    T get() throws IOException, RestClientException;
  }

  private <T> T execute(Supplier<String> what, String hint, Call<T> call) {
    try {
      return call.get();
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        throw new UnknownSchemaException(
            "the registry at " + url + " does not know " + what.get() + ": " + hint, e);
      }
      throw failed(what.get(), e);
    } catch (SchemaParseException e) {
      throw notAvro(what.get(), e);
    } catch (IOException e) {
      throw isOtherType(e) ? notAvro(what.get(), e) : failed(what.get(), e);
    }
  }

  /**
   * Detects other types, such as JSON Schema. The client has no exception of its own for that, and
   * throws an {@code IOException} as if the registry were unavailable.
   */
  private static boolean isOtherType(IOException failure) {
    return String.valueOf(failure.getMessage()).startsWith("Invalid schema ");
  }

  private UnknownSchemaException notAvro(String what, Exception cause) {
    return new UnknownSchemaException(
        "expected an Avro schema in the registry at "
            + url
            + ", but "
            + what
            + " is of another type",
        cause);
  }

  private SchemaRegistryException failed(String what, Exception cause) {
    String message =
        "request to the registry at "
            + url
            + " for "
            + what
            + " failed: "
            + cause.getMessage()
            + ". Check that it is running, that the address ends with its Confluent API"
            + " and that the credentials are valid.";
    return isUnavailable(cause)
        ? new RegistryUnavailableException(message, cause)
        : new SchemaRegistryException(message, cause);
  }

  /** Error responses below 500, and a certificate that is not trusted, are permanent failures. */
  private static boolean isUnavailable(Exception cause) {
    return cause instanceof RestClientException response
        ? response.getStatus() >= SERVER_ERROR
        : !(cause instanceof SSLException);
  }
}
