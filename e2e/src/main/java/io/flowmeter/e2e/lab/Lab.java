package io.flowmeter.e2e.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The lab by hand: starts the local runtime, creates some instances of every workflow, prints the
 * address to hand to {@code flowmeter up --source}, and runs until Ctrl-C. Arguments: the number of
 * instances (300), the port (8787).
 */
public final class Lab {

  /** A workflow, and params that let it end within seconds. */
  private record Kind(String workflow, Map<String, ?> params) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("checkout", Map.of()),
          new Kind("checkout", Map.of("parcels", 8)),
          new Kind("imports", Map.of("fails", 1)),
          new Kind("imports", Map.of("enrich", true)),
          new Kind("billing", Map.of("how", "exhausted")),
          new Kind("billing", Map.of("how", "timeout")),
          new Kind("approval", Map.of("timeout", 2000)),
          new Kind("approval", Map.of("timeout", "1 hour")),
          new Kind("nightly", Map.of("sleep", "3 seconds")),
          new Kind("ping", Map.of()),
          new Kind("ping", Map.of()),
          new Kind("noop", Map.of()));

  private Lab() {}

  /**
   * @param args how many instances to create, the port to listen on
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int instances = args.length > 0 ? Integer.parseInt(args[0]) : 300;
    int port = args.length > 1 ? Integer.parseInt(args[1]) : 8787;
    Path lab = Path.of(System.getProperty("flowmeter.home", "."), "e2e", "lab");
    Path directory = Files.createTempDirectory("flowmeter-lab");
    CountDownLatch stop = new CountDownLatch(1);
    LocalRuntime runtime = LocalRuntime.start(lab, directory, port);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.countDown();
                  runtime.close();
                }));
    long begin = System.currentTimeMillis();
    for (int i = 0; i < instances; i++) {
      Kind kind = KINDS.get(i % KINDS.size());
      runtime.api().create(kind.workflow(), "lab-" + begin + "-" + i, kind.params());
    }
    System.out.printf(
        "%d instances created within %d ms, state in %s%nflowmeter up --source %s%n",
        instances, System.currentTimeMillis() - begin, directory, runtime.api().base());
    stop.await();
  }
}
