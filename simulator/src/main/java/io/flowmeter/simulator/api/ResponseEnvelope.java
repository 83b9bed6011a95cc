package io.flowmeter.simulator.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** The envelope around every answer. */
final class ResponseEnvelope {
  private ResponseEnvelope() {}

  static Json of(Json result) {
    return out -> {
      start(out, result);
      out.writeEndObject();
    };
  }

  static Json of(Json rows, Json resultInfo) {
    return out -> {
      start(out, rows);
      out.writeFieldName("result_info");
      resultInfo.write(out);
      out.writeEndObject();
    };
  }

  private static void start(JsonGenerator out, Json result) throws IOException {
    out.writeStartObject();
    out.writeBooleanField("success", true);
    out.writeArrayFieldStart("errors");
    out.writeEndArray();
    out.writeArrayFieldStart("messages");
    out.writeEndArray();
    out.writeFieldName("result");
    result.write(out);
  }

  static Json of(ApiError error) {
    return out -> {
      out.writeStartObject();
      out.writeBooleanField("success", false);
      out.writeArrayFieldStart("errors");
      out.writeStartObject();
      out.writeNumberField("code", error.code());
      out.writeStringField("message", error.getMessage());
      out.writeEndObject();
      out.writeEndArray();
      out.writeArrayFieldStart("messages");
      out.writeEndArray();
      out.writeNullField("result");
      out.writeEndObject();
    };
  }
}
