package io.flowmeter.simulator.fault;

import static io.flowmeter.simulator.ApiReader.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.ApiReader;
import io.flowmeter.simulator.Example;
import io.flowmeter.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultsIT {
  private static final String LIST = "/order-fulfilment/instances";

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

  private HttpResponse<String> with(InjectedFault fault) throws Exception {
    simulator.faults().next(target -> true, fault);
    return api.response(LIST);
  }

  private String detailPath() throws Exception {
    String id = api.result(LIST + "?status=complete").at("/0/id").asText();
    return LIST + "/" + id;
  }

  @Test
  void aFaultHitsOnlyTheNextMatchingRequest() throws Exception {
    simulator.faults().next(target -> target.contains("/versions"), InjectedFault.serverError(503));
    assertThat(api.response(LIST).statusCode()).isEqualTo(200);
    assertThat(api.response("/order-fulfilment/versions").statusCode()).isEqualTo(503);
    assertThat(api.response("/order-fulfilment/versions").statusCode()).isEqualTo(200);
    assertThat(simulator.faults().pending()).isZero();
    simulator.faults().every(target -> true, InjectedFault.serverError(500));
    assertThat(api.response(LIST).statusCode()).isEqualTo(500);
    assertThat(api.response(LIST).statusCode()).isEqualTo(500);
    simulator.faults().clear();
    assertThat(api.response(LIST).statusCode()).isEqualTo(200);
    assertThat(simulator.requests())
        .extracting(served -> served.status())
        .containsExactly(200, 503, 200, 500, 500, 200);
  }

  @Test
  void bodiesThatAreNoJson() throws Exception {
    HttpResponse<String> malformed = with(InjectedFault.malformedJson());
    assertThat(malformed.statusCode()).isEqualTo(200);
    assertThat(malformed.headers().firstValue("content-type")).contains("application/json");
    assertThatThrownBy(() -> json(malformed.body())).isInstanceOf(JsonProcessingException.class);

    HttpResponse<String> html = with(InjectedFault.html());
    assertThat(html.statusCode()).isEqualTo(200);
    assertThat(html.body()).startsWith("<!DOCTYPE html>");

    HttpResponse<String> forbidden = with(InjectedFault.plainForbidden());
    assertThat(forbidden.statusCode()).isEqualTo(403);
    assertThat(forbidden.headers().firstValue("content-type")).contains("text/plain");
    assertThat(with(InjectedFault.plainNotFound()).statusCode()).isEqualTo(404);
  }

  @Test
  void aRateLimitTellsWhenToComeBackAndARedirectWhereTo() throws Exception {
    HttpResponse<String> limited = with(InjectedFault.tooManyRequests(Duration.ofSeconds(300)));
    assertThat(limited.statusCode()).isEqualTo(429);
    assertThat(limited.headers().firstValue("retry-after")).contains("300");

    HttpResponse<String> moved =
        with(InjectedFault.redirect(URI.create("http://127.0.0.1:9/away")));
    assertThat(moved.statusCode()).isEqualTo(302);
    assertThat(moved.headers().firstValue("location")).contains("http://127.0.0.1:9/away");
  }

  @Test
  void answersThatNeverArriveWhole() {
    assertThatThrownBy(() -> with(InjectedFault.truncatedBody())).isInstanceOf(IOException.class);
    // More than once, for the JDK's client tries again by itself.
    simulator.faults().every(target -> true, InjectedFault.reset());
    assertThatThrownBy(() -> api.response(LIST)).isInstanceOf(IOException.class);
  }

  @Test
  void aHangingRequestHoldsNobodyElseUp() throws Exception {
    simulator.faults().next(target -> target.endsWith("/media-transcode"), InjectedFault.hang());
    URI hanging =
        URI.create(
            simulator.baseUri()
                + "/accounts/"
                + simulator.account()
                + "/workflows/media-transcode");
    HttpRequest request = HttpRequest.newBuilder(hanging).timeout(Duration.ofMillis(200)).build();
    assertThatThrownBy(
            () -> HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(api.response(LIST).statusCode()).isEqualTo(200);
  }

  @Test
  void valuesThatNobodyKnows() throws Exception {
    JsonNode rows = json(with(InjectedFault.unknownStatus("hibernating")).body()).path("result");
    assertThat(rows.findValuesAsText("status")).hasSize(50).containsOnly("hibernating");

    String path = detailPath();
    simulator
        .faults()
        .next(target -> target.contains(path), InjectedFault.unknownStepType("teleport"));
    assertThat(api.result(path).path("steps"))
        .isNotEmpty()
        .allMatch(step -> step.path("type").asText().equals("teleport"));
  }

  @Test
  void fieldsThatAreMissing() throws Exception {
    JsonNode rows = json(with(InjectedFault.rowsWithoutId()).body()).path("result");
    assertThat(rows).hasSize(50);
    assertThat(rows.findValues("id")).isEmpty();

    String path = detailPath();
    simulator.faults().next(target -> target.contains(path), InjectedFault.missingTimestamps());
    JsonNode timeless = api.result(path);
    assertThat(timeless.path("steps")).isNotEmpty();
    assertThat(timeless.findValues("start")).isEmpty();
    assertThat(timeless.findValues("queued")).isEmpty();

    simulator.faults().next(target -> target.contains(path), InjectedFault.stepsWithoutAttempts());
    assertThat(api.result(path).findValues("attempts")).isEmpty();
  }
}
