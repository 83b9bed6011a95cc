package io.flowmeter.ingest.leader;

import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.IngestListener;
import io.flowmeter.ingest.IngestSettings;
import io.flowmeter.ingest.RealBackends;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.simulator.Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A poller in a process of its own, that can be suspended and killed. */
final class PollerProcess implements AutoCloseable {
  private static final String LEADS = "leads";
  private static final String STANDS_BY = "stands by";

  private final Process process;
  private volatile String last = "";
  private volatile boolean saysAnything;

  private PollerProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "poller-process-output");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts it.
   *
   * @param kafka settings of its Kafka clients
   */
  static PollerProcess start(Map<String, ?> kafka, Simulator simulator, String token)
      throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PollerProcess.class.getName(),
                RealBackends.registryUrl(),
                simulator.baseUri().toString(),
                simulator.account(),
                token));
    kafka.forEach((name, value) -> line.add(name + "=" + value));
    return new PollerProcess(
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start());
  }

  static IngestSettings settings(URI source, String account, String token) {
    return IngestSettings.of(source)
        .account(account)
        .token(ApiToken.of(token))
        .interval(Duration.ofMillis(200))
        .requestLimit(1_000_000)
        .build();
  }

  /** Registry, source, account, token, then settings of Kafka's clients. */
  public static void main(String[] args) throws Exception {
    Map<String, String> kafka =
        Arrays.stream(args)
            .skip(4)
            .map(setting -> setting.split("=", 2))
            .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
    try (SchemaRegistry registry = SchemaRegistry.confluent(args[0]);
        Ingest ingest =
            Ingest.start(
                settings(URI.create(args[1]), args[2], args[3]),
                kafka,
                registry,
                IngestListener.NONE)) {
      while (System.in.available() == 0) {
        System.out.println(ingest.progress().isLeader() ? LEADS : STANDS_BY);
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
        saysAnything = true;
      }
    } catch (IOException e) {
      last = "cannot be read: " + e.getMessage();
    }
  }

  boolean leads() {
    return last.equals(LEADS);
  }

  boolean standsBy() {
    return last.equals(STANDS_BY);
  }

  boolean saysAnything() {
    return saysAnything;
  }

  void suspend() throws IOException, InterruptedException {
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Without goodbye. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
