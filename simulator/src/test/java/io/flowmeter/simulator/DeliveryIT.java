package io.flowmeter.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.fault.InjectedFault;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ways on which an answer reaches its reader, and what counts as served. */
class DeliveryIT {
  private static final String PAGE = "/webhook-relay/instances?per_page=3";

  private Simulator simulator;
  private ApiReader api;

  @BeforeEach
  void start() throws Exception {
    simulator = Simulator.start(Example.config(Example.clock()));
    api = new ApiReader(simulator);
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void withoutASocketTheAnswerIsTheSame() throws Exception {
    LoopbackResponse response = simulator.respond(LoopbackRequest.get(simulator.path() + PAGE));
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).containsEntry("Date", "Mon, 02 Mar 2026 09:40:00 GMT");
    JsonNode direct = ApiReader.json(new String(response.body().all(), StandardCharsets.UTF_8));
    assertThat(direct).isEqualTo(api.envelope(PAGE));
  }

  @Test
  void whatAReaderHasWholeCountsAsServed() throws Exception {
    api.envelope(PAGE);
    assertThat(simulator.ledger().served()).hasSize(3);
    simulator.respond(
        LoopbackRequest.get(simulator.path() + "/order-fulfilment/instances?per_page=4"));
    assertThat(simulator.ledger().served()).hasSize(7);
    simulator.faults().next(target -> true, InjectedFault.slowBody());
    api.envelope("/media-transcode/instances?per_page=5");
    assertThat(simulator.ledger().served()).hasSize(12);
  }

  @Test
  void whatWasCutEditedOrReplacedDoesNot() throws Exception {
    for (InjectedFault fault :
        List.of(
            InjectedFault.rowsWithoutId(),
            InjectedFault.malformedJson(),
            InjectedFault.html(),
            InjectedFault.serverError(502))) {
      simulator.faults().next(target -> true, fault);
      api.response(PAGE);
    }
    simulator.faults().every(target -> true, InjectedFault.truncatedBody());
    assertThatThrownBy(() -> api.response(PAGE)).isInstanceOf(IOException.class);
    simulator.respond(LoopbackRequest.get(simulator.path() + PAGE));
    assertThat(simulator.ledger().served()).isEmpty();
  }
}
