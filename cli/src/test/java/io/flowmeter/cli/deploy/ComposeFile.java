package io.flowmeter.cli.deploy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * The part of the Compose specification that deploy/compose.yaml uses, one record for each kind of
 * element. Values that a service does not have are null.
 *
 * @param volumes names of volumes, each without options
 */
record ComposeFile(
    String name,
    Map<String, Service> services,
    Map<String, Void> volumes,
    @JsonProperty("x-flowmeter") Service commonOfFlowmeter,
    @JsonProperty("x-settings") Map<String, String> commonSettings,
    @JsonProperty("x-ready") Healthcheck commonHealthcheck) {

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Service(
      String image,
      Build build,
      List<String> command,
      List<String> entrypoint,
      Restart restart,
      Boolean init,
      Boolean readOnly,
      List<String> capDrop,
      List<String> securityOpt,
      String memLimit,
      String stopGracePeriod,
      Map<String, String> environment,
      List<String> ports,
      List<String> volumes,
      Map<String, Ulimit> ulimits,
      Healthcheck healthcheck,
      Map<String, Dependency> dependsOn) {}

  record Build(String context, String dockerfile) {}

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Healthcheck(
      List<String> test,
      String interval,
      String timeout,
      Integer retries,
      String startPeriod,
      Boolean disable) {}

  record Ulimit(int soft, int hard) {}

  record Dependency(Condition condition) {}

  enum Restart {
    @JsonProperty("no")
    NO,
    @JsonProperty("always")
    ALWAYS,
    @JsonProperty("on-failure")
    ON_FAILURE,
    @JsonProperty("unless-stopped")
    UNLESS_STOPPED
  }

  enum Condition {
    @JsonProperty("service_started")
    STARTED,
    @JsonProperty("service_healthy")
    HEALTHY,
    @JsonProperty("service_completed_successfully")
    COMPLETED
  }
}
