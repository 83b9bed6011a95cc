package io.flowmeter.verify.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.http.Body;
import io.flowmeter.simulator.http.LoopbackRequest;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Asks the simulator for its account, without a socket, a limit or faults, as raw JSON. */
final class AccountJson {

  private static final int PER_PAGE = 100;

  private final Simulator simulator;
  private final String token;
  private final ObjectMapper json = new ObjectMapper();

  AccountJson(Simulator simulator, String token) {
    this.simulator = simulator;
    this.token = token;
  }

  List<JsonNode> workflows() {
    return all(simulator.path());
  }

  List<JsonNode> versions(String workflow) {
    String segment = URLEncoder.encode(workflow, StandardCharsets.UTF_8).replace("+", "%20");
    return all(simulator.path() + "/" + segment + "/versions");
  }

  private List<JsonNode> all(String list) {
    List<JsonNode> rows = new ArrayList<>();
    for (int number = 1; ; number++) {
      JsonNode page = get("%s?per_page=%d&page=%d".formatted(list, PER_PAGE, number));
      page.get("result").forEach(rows::add);
      if (number >= page.at("/result_info/total_pages").asInt()) {
        return rows;
      }
    }
  }

  private JsonNode get(String target) {
    LoopbackResponse response =
        simulator.unspoilt(LoopbackRequest.get(target).with("authorization", "Bearer " + token));
    if (response.status() != 200) {
      throw new IllegalStateException(
          "expected 200 from %s, came %d".formatted(target, response.status()));
    }
    try {
      return json.readTree(bytes(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(target + " is not JSON", e);
    }
  }

  private static byte[] bytes(Body body) throws IOException {
    if (body instanceof Body.Held held) {
      return held.bytes();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ((Body.Streamed) body).writer().writeTo(out);
    return out.toByteArray();
  }
}
