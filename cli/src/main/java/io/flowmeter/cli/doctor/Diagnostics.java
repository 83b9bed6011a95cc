package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.data.DataDirectoryManifest;
import io.flowmeter.cli.data.RunningServices;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at every part, changes nothing. */
public final class Diagnostics {
  private static final String SOURCE = "source";

  private final Backends backends;

  public Diagnostics(Backends backends) {
    this.backends = backends;
  }

  /** Java, and what the build needs. */
  public List<Finding> versions() {
    return Versions.found();
  }

  /** The data directory: whose it is, whether up runs in it. */
  public Finding dataDirectory() {
    Path directory = backends.settings().get(Setting.DATA_DIR);
    String subject = "data directory";
    Optional<DataDirectoryManifest> manifest;
    try {
      manifest = UpDirectory.manifest(directory);
    } catch (RuntimeException e) {
      return wrong(subject, e.getMessage());
    }
    if (manifest.isEmpty()) {
      return absent(subject, directory + " is not there yet; flowmeter up makes it");
    }
    String running =
        RunningServices.in(directory)
            .map(up -> "up runs in it as process " + up.pid())
            .orElse("up is not running in it");
    return fine(
        subject,
        "%s, source %s, account %s; %s"
            .formatted(directory, manifest.get().source(), manifest.get().account(), running));
  }

  /** Where stores are kept. */
  public Finding stateDirectory() {
    return StateDirectory.of(
        backends
            .settings()
            .get(Setting.STREAM_STATE_DIR)
            .orElseGet(() -> backends.settings().get(Setting.DATA_DIR).resolve("streams")));
  }

  /** What is polled: two requests, out of the same budget that polling has. */
  public List<Finding> source() {
    Settings settings = backends.settings();
    try {
      Path directory = settings.get(Setting.DATA_DIR);
      ChosenSource chosen =
          ChosenSource.choose(settings, UpDirectory.manifest(directory), directory);
      if (chosen instanceof ChosenSource.Polled polled) {
        List<SourceAddress> all = SourceAddress.all(polled, settings);
        List<Finding> found = new ArrayList<>();
        for (SourceAddress address : all) {
          String account = address.account().orElse(chosen.account());
          found.addAll(
              source(address, account, all.size() == 1 ? "" : "account " + account + ": "));
        }
        return found;
      }
      return List.of(absent(SOURCE, "none is set; flowmeter up polls the built-in simulator"));
    } catch (RuntimeException e) {
      return List.of(wrong(SOURCE, Reason.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(wrong(SOURCE, "interrupted"));
    }
  }

  /**
   * Of one account, whatever is found of others.
   *
   * @param whose what trouble begins with, so that it is known whose it is
   */
  private List<Finding> source(SourceAddress address, String account, String whose)
      throws InterruptedException {
    Settings settings = backends.settings();
    try {
      SourceAddress.Asked asked = address.probe(settings);
      return List.of(fine(SOURCE, asked.told()), ClockSkewCheck.of("the API", asked.ahead()));
    } catch (ApiFailureException e) {
      Finding failure =
          SourceDiagnosis.of(e.failure(), account, settings.get(Setting.CLOCK).instant());
      return List.of(wrong(SOURCE, whose + failure.what(), failure.todo()));
    } catch (SourceNotFoundException | RuntimeException e) {
      return List.of(wrong(SOURCE, whose + Reason.of(e)));
    }
  }

  /** The registry, its subjects and their compatibility. */
  public List<Finding> registry() {
    if (backends.registryUrl().isEmpty()) {
      return notConfigured("Schema Registry", Setting.REGISTRY_URL);
    }
    URI url = backends.registryUrl().get();
    try (SchemaRegistry registry = backends.registry()) {
      // Asks for credentials and the right path at once; an unknown subject answers as well.
      registry.compatibility(Topics.OBSERVATIONS.subject());
      Finding here = fine("Schema Registry", url + Versions.ofRegistry(url));
      List<String> wrong = BackendMigration.missingSchemas(registry);
      return List.of(
          here,
          wrong.isEmpty()
              ? fine(
                  "schemas",
                  "all %d subjects are registered and %s"
                      .formatted(Topics.ALL.size(), SchemaRegistry.FULL_TRANSITIVE))
              : wrong(
                  "schemas",
                  "missing or wrong: " + String.join(", ", wrong) + ". Run flowmeter migrate"));
    } catch (SchemaRegistryException e) {
      return List.of(
          wrong(
              "Schema Registry",
              Reason.of(e)
                  + " Set registry.url (Apicurio's ends in /apis/ccompat/v7) and registry.basic.auth.*"));
    } catch (RuntimeException e) {
      return List.of(
          wrong(
              "Schema Registry",
              Reason.withCause(e),
              "Check registry.url and the registry.* settings"));
    }
  }

  /** Kafka and its topics. */
  public List<Finding> kafka() {
    return backends.bootstrapServers().isPresent()
        ? new KafkaFindings(backends).all()
        : notConfigured("Kafka", Setting.KAFKA_BOOTSTRAP_SERVERS);
  }

  /** ClickHouse, its users and its relations. */
  public List<Finding> clickHouse() {
    return backends.clickHouseUrl().isPresent()
        ? new ClickHouseFindings(backends).all()
        : notConfigured("ClickHouse", Setting.CLICKHOUSE_URL);
  }

  private static List<Finding> notConfigured(String subject, Setting<?> setting) {
    return List.of(
        absent(
            subject,
            "%s is not set and up is not running; flowmeter up starts one"
                .formatted(setting.name())));
  }
}
