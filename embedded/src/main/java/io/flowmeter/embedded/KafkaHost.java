package io.flowmeter.embedded;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;

/**
 * The main class of the process around a node of a Kafka cluster. Arguments: Kafka's own main
 * class, the node's directory, its settings file.
 *
 * <p>It halts when standard input ends. A graceful shutdown would wait for a quorum that may be
 * gone.
 */
final class KafkaHost {
  private KafkaHost() {}

  public static void main(String[] args) throws Exception {
    FileLock lock = ChildLock.acquire(Path.of(args[1]));
    Thread watch = new Thread(KafkaHost::endWithParent, "parent watch");
    watch.setDaemon(true);
    watch.start();
    // Returns when the node has stopped.
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {args[2]});
    lock.release();
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      System.err.println("Reading the parent's pipe failed: " + e);
    }
    Runtime.getRuntime().halt(0);
  }
}
