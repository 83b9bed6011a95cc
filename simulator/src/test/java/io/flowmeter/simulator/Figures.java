package io.flowmeter.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.simulator.http.LoopbackRequest;
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
import java.util.Optional;

/**
 * What the simulator costs: a program, not a test. Prints rows of name, value and unit. Its one
 * argument is how many instances are to be live, 200,000 unless told otherwise.
 */
final class Figures {
  private static final int REQUESTS = 2_000;

  private final Simulator simulator;
  private final String workflow;
  private final String list;

  private Figures(Simulator simulator, String workflow) {
    this.simulator = simulator;
    this.workflow = workflow;
    this.list = workflow + "/instances?per_page=100";
  }

  public static void main(String[] args) throws Exception {
    int instances = args.length == 0 ? 200_000 : Integer.parseInt(args[0]);
    long before = retainedBytes();
    long startNanos = System.nanoTime();
    try (Simulator simulator =
        Simulator.start(
            SimulatorConfig.of(FleetPlan.sleepers(42, Example.EPOCH, instances))
                .withClock(Example.clock())
                .withRateLimit(Optional.empty()))) {
      print("start", (System.nanoTime() - startNanos) / 1e6, "ms");
      print("retained heap", (retainedBytes() - before) / 1e6, "MB");
      Figures figures = new Figures(simulator, largest(simulator));
      figures.inProcess();
      figures.overSockets();
    }
  }

  /** The path of the workflow that has most live instances; prints how many all have. */
  private static String largest(Simulator simulator) throws IOException {
    String largest = "";
    int most = -1;
    int all = 0;
    for (JsonNode row : asked(simulator, "").path("result")) {
      int live = 0;
      for (String status : List.of("queued", "running", "waiting", "paused", "waitingForPause")) {
        live += row.path("instances").path(status).intValue();
      }
      all += live;
      if (live > most) {
        most = live;
        largest = "/" + row.path("name").asText();
      }
    }
    print("live instances", all, "instances");
    return largest;
  }

  private void inProcess() throws IOException {
    JsonNode first = asked(list);
    int total = first.at("/result_info/total_count").intValue();
    print("rows of the list", total, "rows");
    List<String> details = new ArrayList<>();
    first
        .path("result")
        .findValuesAsText("id")
        .forEach(id -> details.add(workflow + "/instances/" + ApiReader.encoded(id)));
    for (String round : List.of("cold", "warm")) {
      timed(round + " page of 100 rows", List.of(list));
      timed(round + " page of 100 rows, far down", List.of(list + "&page=" + total / 200));
      timed(round + " detail", details);
      timed(round + " list of workflows", List.of(""));
    }
    long startNanos = System.nanoTime();
    int pages = 0;
    String cursor = "";
    do {
      JsonNode page = asked(cursor.isEmpty() ? list : list + "&cursor=" + cursor);
      cursor = page.at("/result_info/cursor").asText("");
      pages++;
    } while (!cursor.isEmpty());
    print("the whole list", (System.nanoTime() - startNanos) / 1e6 / pages, "ms a page");
  }

  private void timed(String name, List<String> targets) {
    var threads = ManagementFactory.getThreadMXBean();
    long startNanos = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < REQUESTS; i++) {
      String target = simulator.path() + targets.get(i % targets.size());
      if (simulator.respond(LoopbackRequest.get(target)).status() != 200) {
        throw new IllegalStateException(target + " was refused");
      }
    }
    long nanos = threads.getCurrentThreadCpuTime() - startNanos;
    print(name, nanos / 1e3 / REQUESTS, "us of CPU");
  }

  private void overSockets() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(simulator.baseUri().resolve("/") + simulator.path().substring(1) + list))
            .build();
    long startNanos = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      client.send(request, HttpResponse.BodyHandlers.discarding());
    }
    print("pages over one connection", REQUESTS / ((System.nanoTime() - startNanos) / 1e9), "1/s");
  }

  private JsonNode asked(String target) throws IOException {
    return asked(simulator, target);
  }

  private static JsonNode asked(Simulator simulator, String target) throws IOException {
    return ApiReader.json(
        new String(
            simulator.respond(LoopbackRequest.get(simulator.path() + target)).body().all(),
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
