package io.flowmeter.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.flowmeter.cli.health.StubHealth;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be known of deploy/kubernetes without a cluster. */
class KubernetesTest {

  private static final String POD = "spec/template/spec";
  private static final String CONTAINER = POD + "/containers/0";
  private static final String SECRET = ".*(PASSWORD|TOKEN)";

  static List<Manifest> workloads() {
    return Manifest.kubernetes().stream()
        .filter(manifest -> manifest.at("spec").containsKey("template"))
        .toList();
  }

  @Test
  void thereAreAPollerWithAStandbyAStreamAndAMigration() {
    assertThat(workloads().stream().map(Manifest::toString))
        .containsExactly(
            "Deployment flowmeter-ingest", "Job flowmeter-migrate", "StatefulSet flowmeter-stream");
    assertThat(named("Deployment").at("spec")).containsEntry("replicas", 2);
  }

  @Test
  void noMorePodsStreamThanThereArePartitions() {
    int partitions =
        Integer.parseInt(
            named("ConfigMap").at("data").get("FLOWMETER_TOPICS_PARTITIONS").toString());

    assertThat((Integer) named("StatefulSet").at("spec").get("replicas")).isBetween(2, partitions);
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void aPodMayDoNothingThatItNeedNot(Manifest workload) {
    assertThat(workload.at(POD))
        .containsEntry("automountServiceAccountToken", false)
        .as("a service's variables begin with FLOWMETER_ and would be refused as settings")
        .containsEntry("enableServiceLinks", false);
    assertThat(workload.at(POD + "/securityContext")).containsEntry("runAsNonRoot", true);
    assertThat(workload.at(CONTAINER + "/securityContext"))
        .containsEntry("allowPrivilegeEscalation", false)
        .containsEntry("readOnlyRootFilesystem", true)
        .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
    assertThat(workload.at(CONTAINER + "/resources/requests")).containsKeys("cpu", "memory");
    assertThat(workload.at(CONTAINER + "/resources/limits")).containsKey("memory");
    assertThat(workload.at(CONTAINER).get("image").toString())
        .matches("flowmeter:\\d+\\.\\d+\\.\\d+");
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void flowmeterTakesEverySettingThatItIsGiven(Manifest workload) {
    Map<String, String> environment = new HashMap<>();
    named("ConfigMap").at("data").forEach((name, value) -> environment.put(name, value.toString()));
    for (Object each : Manifest.list(workload.at(CONTAINER).get("env"))) {
      Map<String, Object> variable = Manifest.map(each);
      environment.put(
          variable.get("name").toString(), variable.getOrDefault("value", "10.1.2.3").toString());
    }

    assertThatCode(() -> Settings.read(Map.of(), environment, Optional.empty()))
        .doesNotThrowAnyException();
  }

  /** As files, which nothing that shows an environment shows. */
  @ParameterizedTest
  @MethodSource("workloads")
  void secretsAreFilesOfTheSecretThatTheUserOfThePodMayRead(Manifest workload) {
    Map<String, Object> secret =
        Manifest.list(workload.at(POD).get("volumes")).stream()
            .map(Manifest::map)
            .filter(volume -> volume.get("name").equals("secrets"))
            .map(volume -> Manifest.map(volume.get("secret")))
            .findFirst()
            .orElseThrow();
    assertThat(secret)
        .containsEntry("secretName", "flowmeter-secrets")
        .containsEntry("defaultMode", 0440);
    assertThat(workload.at(POD + "/securityContext"))
        .containsEntry("fsGroup", workload.at(POD + "/securityContext").get("runAsGroup"));

    Map<String, String> secrets = new HashMap<>();
    for (Object each : Manifest.list(workload.at(CONTAINER).get("env"))) {
      Map<String, Object> variable = Manifest.map(each);
      String name = variable.get("name").toString();
      assertThat(name).doesNotMatch(SECRET);
      if (name.endsWith("_FILE")) {
        secrets.put(name, variable.get("value").toString());
      }
    }
    assertThat(secrets.values())
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(
            Manifest.list(secret.get("items")).stream()
                .map(item -> "/etc/flowmeter/" + Manifest.map(item).get("path"))
                .toList());
    assertThat(Manifest.list(workload.at(CONTAINER).get("volumeMounts")))
        .contains(Map.of("name", "secrets", "mountPath", "/etc/flowmeter", "readOnly", true));
    assertThat(named("ConfigMap").at("data").keySet()).noneMatch(name -> name.matches(SECRET));
  }

  /** A pod's address is a host that the metrics' listener answers to. */
  @ParameterizedTest
  @ValueSource(strings = {"Deployment", "StatefulSet"})
  void whatAProbeAsksForIsThere(String kind) throws IOException {
    assertThat(variables(kind))
        .contains("FLOWMETER_METRICS_HOST", "FLOWMETER_LISTEN_PASSWORD_FILE");
    Settings settings =
        Settings.read(
            new HashMap<>(Map.of(Setting.METRICS_PORT.name(), "0")),
            Map.of("FLOWMETER_LISTEN_PASSWORD", "of the secret, 24 hex"),
            Optional.empty());
    try (MetricsServer server = MetricsServer.start(settings, StubHealth.WORKS)) {
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        Map<String, Object> asked = named(kind).at(CONTAINER + "/" + probe + "/httpGet");
        URI url = server.url().orElseThrow().resolve(asked.get("path").toString());
        HttpURLConnection response = (HttpURLConnection) url.toURL().openConnection();

        assertThat(response.getResponseCode()).as(probe).isEqualTo(200);
        assertThat(asked).containsEntry("port", "metrics");
      }
    }
    assertThat(named(kind).at(CONTAINER + "/ports/0"))
        .isEqualTo(
            Map.of(
                "name",
                "metrics",
                "containerPort",
                Integer.parseInt(Setting.METRICS_PORT.preset())));
  }

  private static List<String> variables(String kind) {
    return Manifest.list(named(kind).at(CONTAINER).get("env")).stream()
        .map(each -> Manifest.map(each).get("name").toString())
        .toList();
  }

  @Test
  void everyFileSaysThatItWasNotRun() throws IOException {
    for (Manifest manifest : Manifest.kubernetes()) {
      assertThat(Files.readString(manifest.file()).replace("\n# ", " "))
          .contains("ot run where")
          .contains("no cluster there");
    }
  }

  private static Manifest named(String kind) {
    return Manifest.kubernetes().stream()
        .filter(manifest -> kind.equals(manifest.content().get("kind")))
        .findFirst()
        .orElseThrow();
  }
}
