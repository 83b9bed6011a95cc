package io.flowmeter.simulator;

import static io.flowmeter.simulator.ApiReader.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalsIT {
  private Simulator simulator;
  private ApiReader api;

  @BeforeEach
  void start() throws Exception {
    simulator = Simulator.start(Example.config(Example.clock()).withToken("s3cret"));
    api = new ApiReader(simulator);
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  private void assertRefused(String path, int status, int code) throws Exception {
    HttpResponse<String> response = api.response(path, "Authorization", "Bearer s3cret");
    assertThat(response.statusCode()).as(path).isEqualTo(status);
    JsonNode body = json(response.body());
    assertThat(body.path("success").booleanValue()).isFalse();
    assertThat(body.path("result").isNull()).isTrue();
    assertThat(body.at("/errors/0/code").intValue()).as(path).isEqualTo(code);
    assertThat(body.at("/errors/0/message").textValue()).isNotEmpty();
  }

  @Test
  void unknownThingsAreNotFoundWithTheApisOwnCodes() throws Exception {
    assertRefused("/nope", 404, 10200);
    assertRefused("/nope/instances", 404, 10200);
    assertRefused("/webhook-relay/instances/nope", 404, 10400);
    assertRefused("/webhook-relay/versions/nope", 404, 10300);
    assertRefused("/webhook-relay/nope", 404, 7003);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "per_page=0",
        "per_page=101",
        "per_page=many",
        "page=0",
        "status=unknown",
        "status=rollingBack",
        "direction=up",
        "cursor=%21%21",
        "cursor=bm9wZQ",
        "date_start=yesterday",
        "page=1&cursor=cG9zaXRpb246Mg",
        "page=1&direction=asc"
      })
  void badParametersAreRefused(String query) throws Exception {
    assertRefused("/webhook-relay/instances?" + query, 400, 10002);
  }

  @Test
  void aTokenIsDemandedWhenOneIsConfigured() throws Exception {
    assertThat(api.response("").statusCode()).isEqualTo(401);
    HttpResponse<String> wrong = api.response("", "Authorization", "Bearer other");
    assertThat(wrong.statusCode()).isEqualTo(403);
    assertThat(json(wrong.body()).at("/errors/0/code").intValue()).isEqualTo(10000);
    assertThat(api.response("", "Authorization", "Bearer s3cret").statusCode()).isEqualTo(200);
    assertThat(simulator.toString() + Example.config(Example.clock()).withToken("s3cret"))
        .doesNotContain("s3cret");
  }

  @Test
  void anotherAccountAndAnotherMethodAreRefused() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    URI other = URI.create(simulator.baseUri() + "/accounts/other/workflows");
    HttpRequest read =
        HttpRequest.newBuilder(other).header("Authorization", "Bearer s3cret").build();
    assertThat(client.send(read, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(404);
    URI list = URI.create(simulator.baseUri() + "/accounts/" + simulator.account() + "/workflows");
    HttpRequest write =
        HttpRequest.newBuilder(list)
            .header("Authorization", "Bearer s3cret")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertThat(client.send(write, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(405);
  }

  @Test
  void aForeignOriginIsForbiddenInPlainText() throws Exception {
    HttpResponse<String> response = api.response("", "Origin", "https://evil.test");
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.headers().firstValue("content-type")).contains("text/plain");
  }
}
