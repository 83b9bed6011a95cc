package io.flowmeter.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.http.Request;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the simulator costs: a program, not a test. Prints rows of name, value and unit. Its one
 * argument is how many instances there are to be, 200,000 unless told otherwise.
 */
final class Figures {
  private static final int REQUESTS = 2_000;

  private final Simulator simulator;
  private final String list;

  private Figures(Simulator simulator, String list) {
    this.simulator = simulator;
    this.list = list;
  }

  public static void main(String[] args) throws Exception {
    int instances = args.length == 0 ? 200_000 : Integer.parseInt(args[0]);
    long before = retainedBytes();
    long begin = System.nanoTime();
    try (Simulator simulator =
        Simulator.start(Example.config(Example.clock()).withHistory(instances))) {
      print("start", (System.nanoTime() - begin) / 1e6, "ms");
      print("retained heap", (retainedBytes() - before) / 1e6, "MB");
      Figures figures = new Figures(simulator, "/webhook-relay/instances?per_page=100");
      figures.inProcess();
      figures.overSockets();
    }
  }

  private void inProcess() throws IOException {
    JsonNode first = asked(list);
    int total = first.at("/result_info/total_count").intValue();
    print("rows of the list", total, "rows");
    List<String> details = new ArrayList<>();
    first
        .path("result")
        .findValuesAsText("id")
        .forEach(id -> details.add("/webhook-relay/instances/" + id));
    for (String round : List.of("cold", "warm")) {
      timed(round + " page of 100 rows", List.of(list), 1);
      timed(round + " page of 100 rows, far down", List.of(list + "&page=" + total / 200), 1);
      timed(round + " detail", details, 1);
      timed(round + " list of workflows", List.of(""), 1);
    }
    long begin = System.nanoTime();
    int pages = 0;
    String cursor = "";
    do {
      JsonNode page = asked(cursor.isEmpty() ? list : list + "&cursor=" + cursor);
      cursor = page.at("/result_info/cursor").asText("");
      pages++;
    } while (!cursor.isEmpty());
    print("the whole list", (System.nanoTime() - begin) / 1e6 / pages, "ms a page");
  }

  private void timed(String name, List<String> targets, int rounds) {
    var threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < REQUESTS * rounds; i++) {
      String target = simulator.path() + targets.get(i % targets.size());
      if (simulator.answer(Request.get(target)).status() != 200) {
        throw new IllegalStateException(target + " was refused");
      }
    }
    long nanos = threads.getCurrentThreadCpuTime() - begin;
    print(name, nanos / 1e3 / REQUESTS / rounds, "us of CPU");
  }

  private void overSockets() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(simulator.baseUri().resolve("/") + simulator.path().substring(1) + list))
            .build();
    long begin = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      client.send(request, HttpResponse.BodyHandlers.discarding());
    }
    print("pages over one connection", REQUESTS / ((System.nanoTime() - begin) / 1e9), "1/s");
  }

  private JsonNode asked(String target) throws IOException {
    return ApiReader.json(
        new String(
            simulator.answer(Request.get(simulator.path() + target)).body().all(),
            StandardCharsets.UTF_8));
  }

  private static long retainedBytes() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(Duration.ofMillis(100).toMillis());
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void print(String name, double value, String unit) {
    System.out.printf(Locale.ROOT, "%-40s %12.1f %s%n", name, value, unit);
  }
}
