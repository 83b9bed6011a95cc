package io.flowmeter.embedded;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;

/**
 * The main class of the process around the registry. Arguments: the registry's own main class, the
 * service's directory. Stops when standard input ends.
 */
final class RegistryHost {
  private static final long STOP_GRACE_MILLIS = 3_000;

  private RegistryHost() {}

  public static void main(String[] args) throws Exception {
    FileLock lock = ChildLock.acquire(Path.of(args[1]));
    Thread watch = new Thread(RegistryHost::stopWithParent, "parent watch");
    watch.setDaemon(true);
    watch.start();
    // Returns when the registry has stopped.
    Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    lock.release();
  }

  private static void stopWithParent() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      System.err.println("Reading the parent's pipe failed: " + e);
    }
    Thread last = new Thread(RegistryHost::haltAfterGrace, "stop limit");
    last.setDaemon(true);
    last.start();
    System.exit(0);
  }

  private static void haltAfterGrace() {
    try {
      Thread.sleep(STOP_GRACE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }
}
