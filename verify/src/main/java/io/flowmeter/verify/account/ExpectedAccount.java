package io.flowmeter.verify.account;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.ledger.ServedVersion;
import io.flowmeter.simulator.ledger.ServedWorkflow;
import io.flowmeter.verify.relation.Row;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rows of {@code workflows} and {@code versions}: what was served of them, in the words of the
 * API at the end.
 *
 * @param workflows rows of that relation
 * @param versions rows of that relation
 */
public record ExpectedAccount(List<Row> workflows, List<Row> versions) {

  private record VersionKey(String workflow, String id) {}

  /** Asks the API, of a fleet in which nothing happens any more. */
  public static ExpectedAccount of(Simulator simulator, String token) {
    String account = simulator.account();
    AccountJson api = new AccountJson(simulator, token);
    List<String> workflows =
        simulator.ledger().servedWorkflows().stream().map(ServedWorkflow::workflow).toList();
    Set<VersionKey> versions = new HashSet<>();
    for (ServedVersion served : simulator.ledger().servedVersions()) {
      versions.add(new VersionKey(served.workflow(), served.version().id()));
    }
    return new ExpectedAccount(
        api.workflows().stream()
            .filter(json -> workflows.contains(json.get("name").asText()))
            .map(json -> workflow(account, json))
            .toList(),
        workflows.stream()
            .flatMap(
                workflow ->
                    api.versions(workflow).stream().map(json -> version(account, workflow, json)))
            .filter(
                row ->
                    versions.contains(new VersionKey(row.text("workflow"), row.text("version_id"))))
            .toList());
  }

  private static Row workflow(String account, JsonNode json) {
    return new Row()
        .with("account_id", account)
        .with("workflow", json.get("name").asText())
        .with("workflow_id", json.get("id").asText())
        .with("class_name", json.get("class_name").asText())
        .with("script_name", json.get("script_name").asText())
        .with("created_at", time(json.path("created_on")))
        .with("modified_at", time(json.path("modified_on")))
        .with("triggered_at", time(json.path("triggered_on")))
        .with("deleted_at", null);
  }

  private static Row version(String account, String workflow, JsonNode json) {
    JsonNode stepLimit = json.at("/limits/steps");
    return new Row()
        .with("account_id", account)
        .with("workflow", workflow)
        .with("version_id", json.get("id").asText())
        .with("created_at", time(json.path("created_on")))
        .with("class_name", json.get("class_name").asText())
        .with("has_dag", json.get("has_dag").asBoolean())
        .with("step_limit", stepLimit.isNumber() ? stepLimit.asLong() : null);
  }

  private static Long time(JsonNode json) {
    return json.isTextual() ? Long.valueOf(Instant.parse(json.asText()).toEpochMilli()) : null;
  }
}
