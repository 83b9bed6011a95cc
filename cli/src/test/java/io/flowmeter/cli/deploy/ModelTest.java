package io.flowmeter.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every property of the files in deploy is one that Compose or Kubernetes has, of its type. */
class ModelTest {
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "ConfigMap", ConfigMap.class,
          "Deployment", Deployment.class,
          "Job", Job.class,
          "Service", Service.class,
          "StatefulSet", StatefulSet.class);

  static List<Manifest> kubernetes() {
    return Manifest.kubernetes();
  }

  @Test
  void composeHasEveryProperty() {
    ComposeFile compose = Model.read(Manifest.compose(), ComposeFile.class);

    assertThat(compose.services().values())
        .flatExtracting(service -> service.dependsOn() == null ? List.of() : names(service))
        .isSubsetOf(compose.services().keySet());
  }

  private static List<String> names(ComposeFile.Service service) {
    return List.copyOf(service.dependsOn().keySet());
  }

  @ParameterizedTest
  @MethodSource("kubernetes")
  void kubernetesHasEveryProperty(Manifest manifest) {
    Class<? extends HasMetadata> type = KINDS.get(manifest.content().get("kind"));

    assertThat(type).as("a model of %s", manifest).isNotNull();
    assertThatCode(() -> Model.read(manifest, type)).doesNotThrowAnyException();
    assertThat(manifest.content()).containsEntry("apiVersion", HasMetadata.getApiVersion(type));
  }

  @ParameterizedTest
  @CsvSource({
    "spec/template/spec, restartpolicy, Always",
    "spec/template/spec/containers/0, livenesProbe, x",
    "spec/template/spec/containers/0/livenessProbe, periodSecond, 10",
    "spec/template/spec/containers/0/livenessProbe, periodSeconds, ten"
  })
  void aWrongPropertyIsRefused(String path, String name, String value) {
    Manifest deployment =
        Manifest.kubernetes().stream()
            .filter(manifest -> manifest.toString().startsWith("Deployment"))
            .findFirst()
            .orElseThrow();
    deployment.at(path).put(name, value);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.read(deployment, Deployment.class))
        .withMessageContaining(name);
  }

  @Test
  void aNumberIsNoTextOfAConfigMap() {
    Manifest settings =
        Manifest.kubernetes().stream()
            .filter(manifest -> manifest.toString().startsWith("ConfigMap"))
            .findFirst()
            .orElseThrow();
    settings.at("data").put("FLOWMETER_TOPICS_PARTITIONS", 8);

    assertThatIllegalArgumentException().isThrownBy(() -> Model.read(settings, ConfigMap.class));
  }

  @Test
  void anUnknownPropertyOfComposeIsRefused() {
    Manifest compose = Manifest.compose();
    compose.at("services/stream").put("readonly", true);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.read(compose, ComposeFile.class))
        .withMessageContaining("readonly");
  }
}
