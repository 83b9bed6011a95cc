package io.flowmeter.bench.parse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The usual way: the whole response as a Jackson tree, of which the same fields are taken. */
final class TreeReader implements DetailReader {
  private final ObjectMapper mapper = new ObjectMapper();

  @Override
  public List<Step> read(InputStream body) throws IOException {
    List<Step> steps = new ArrayList<>();
    for (JsonNode json : mapper.readTree(body).path("result").path("steps")) {
      steps.add(step(json, steps.size()));
    }
    return steps;
  }

  private static Step step(JsonNode json, int index) {
    Step step = new Step();
    step.setStepIndex(index);
    step.setType(json.path("type").asText());
    step.setName(json.path("name").textValue());
    step.setStart(time(json.path("start")));
    step.setEnd(time(json.path("end")));
    step.setSuccess(json.path("success").asBoolean());
    step.setError(error(json.path("error")));
    step.setTimeout(json.path("config").path("timeout").asText());
    JsonNode retries = json.path("config").path("retries");
    step.setRetryLimit(retries.path("limit").asLong());
    step.setRetryDelay(retries.path("delay").asText());
    step.setBackoff(retries.path("backoff").asText());
    List<Attempt> attempts = new ArrayList<>();
    for (JsonNode each : json.path("attempts")) {
      attempts.add(
          new Attempt(
              time(each.path("start")),
              time(each.path("end")),
              each.path("success").asBoolean(),
              error(each.path("error"))));
    }
    step.setAttempts(attempts);
    return step;
  }

  private static Instant time(JsonNode json) {
    return json.isTextual() ? Instant.parse(json.textValue()) : null;
  }

  private static Error error(JsonNode json) {
    return json.isObject()
        ? new Error(json.path("name").asText(), json.path("message").asText())
        : null;
  }
}
