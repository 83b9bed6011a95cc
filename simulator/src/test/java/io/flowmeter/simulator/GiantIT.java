package io.flowmeter.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.http.Body;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The largest instance there can be. */
class GiantIT {
  private static final String PATH = "/" + Giant.WORKFLOW + "/instances/" + Giant.INSTANCE;

  @Test
  void twentyFiveThousandStepsAreStreamed() throws Exception {
    try (Simulator simulator =
        Simulator.start(Example.config(Example.clock()).withGiant(25_000, 25_000_000))) {
      URI detail =
          URI.create(simulator.baseUri().resolve("/") + simulator.path().substring(1) + PATH);
      HttpResponse<InputStream> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(detail).build(),
                  HttpResponse.BodyHandlers.ofInputStream());
      int attempts = 0;
      long outputs = 0;
      try (InputStream body = response.body();
          JsonParser parser = new JsonFactory().createParser(body)) {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token == JsonToken.FIELD_NAME && parser.currentName().equals("attempts")) {
            attempts++;
          }
          if (token == JsonToken.VALUE_STRING && parser.getTextLength() > 900) {
            outputs += parser.getTextLength();
          }
        }
      }
      assertThat(response.headers().firstValue("transfer-encoding")).contains("chunked");
      assertThat(attempts).isEqualTo(25_000);
      assertThat(outputs).isEqualTo(25_000_000);
      JsonNode simple = new ApiReader(simulator).result(PATH + "?simple=true");
      assertThat(simple.path("step_count").intValue()).isEqualTo(25_000);
      assertThat(simple.path("status").asText()).isEqualTo("complete");
    }
  }

  @Test
  void noMoreThanAPieceOfItIsHeldAtATime() throws Exception {
    try (Simulator simulator =
        Simulator.start(Example.config(Example.clock()).withGiant(1_000, 50_000_000L))) {
      LoopbackResponse response = simulator.respond(LoopbackRequest.get(simulator.path() + PATH));
      assertThat(response.body()).isInstanceOf(Body.Streamed.class);
      AtomicLong written = new AtomicLong();
      AtomicLong longest = new AtomicLong();
      ((Body.Streamed) response.body())
          .writer()
          .writeTo(
              new java.io.OutputStream() {
                @Override
                public void write(int b) {
                  written.incrementAndGet();
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                  written.addAndGet(length);
                  longest.accumulateAndGet(length, Math::max);
                }
              });
      assertThat(written.get()).isGreaterThan(50_000_000L);
      assertThat(longest.get()).isLessThan(64 * 1024);
    }
  }

  @Test
  void itsOutputsAreMarkedAsWhatMustNotBeKept() throws Exception {
    try (Simulator simulator = Simulator.start(Example.config(Example.clock()).withGiant(3, 300))) {
      LoopbackResponse response = simulator.respond(LoopbackRequest.get(simulator.path() + PATH));
      JsonNode steps =
          ApiReader.json(new String(response.body().all(), StandardCharsets.UTF_8))
              .at("/result/steps");
      assertThat(steps).hasSize(3);
      for (JsonNode step : steps) {
        assertThat(step.path("output").asText()).hasSize(100).contains(Simulator.PAYLOAD_CANARY);
      }
    }
  }
}
