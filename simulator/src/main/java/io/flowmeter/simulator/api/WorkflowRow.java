package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flowmeter.simulator.fleet.WorkflowModel;
import io.flowmeter.simulator.model.SimulatedStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A workflow as the API tells it at one moment. */
record WorkflowRow(
    int workflow,
    WorkflowModel model,
    String id,
    Instant createdOn,
    Instant modifiedOn,
    Optional<Instant> triggeredOn,
    Map<SimulatedStatus, Integer> counts,
    Instant now) {

  void report(ApiListener listener) {
    listener.workflow(workflow, counts, now);
  }

  void write(JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", id);
    out.writeStringField("class_name", model.className());
    Shapes.writeTime(out, "created_on", createdOn);
    out.writeObjectFieldStart("instances");
    for (Map.Entry<SimulatedStatus, Integer> count : counts.entrySet()) {
      out.writeNumberField(count.getKey().apiName(), count.getValue());
    }
    out.writeEndObject();
    Shapes.writeTime(out, "modified_on", modifiedOn);
    out.writeStringField("name", model.name());
    out.writeStringField("script_name", model.scriptName());
    Shapes.writeTime(out, "triggered_on", triggeredOn);
    if (model.rhythm() instanceof WorkflowModel.Rhythm.Cron cron) {
      out.writeArrayFieldStart("schedules");
      out.writeStartObject();
      out.writeStringField("cron", cron.expression());
      long periodMs = cron.minutes() * 60_000L;
      long next = (now.toEpochMilli() / periodMs + 1) * periodMs;
      Shapes.writeTime(out, "next_instance", Instant.ofEpochMilli(next));
      out.writeEndObject();
      out.writeEndArray();
    }
    out.writeEndObject();
  }
}
