package io.flowmeter.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.http.Request;
import io.flowmeter.simulator.http.Response;
import org.junit.jupiter.api.Test;

/** The ways on which an answer reaches its reader. */
class DeliveryTest {
  @Test
  void withoutASocketTheAnswerIsTheSame() throws Exception {
    try (Simulator simulator = Example.start(Example.clock())) {
      String path = "/webhook-relay/instances?per_page=3";
      Response response = simulator.answer(Request.get(simulator.path() + path));
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers()).containsEntry("Date", "Mon, 02 Mar 2026 09:40:00 GMT");
      JsonNode direct = ApiReader.json(new String(response.body().all(), "UTF-8"));
      assertThat(direct).isEqualTo(new ApiReader(simulator).envelope(path));
    }
  }
}
