package io.flowmeter.embedded;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/**
 * The main class of the process around the registry. The registry sees its own jars and the JDK
 * only, whatever else is on the class path. Arguments: the registry's runner jar, the part's
 * directory. Stops when standard input ends.
 */
final class RegistryHost {
  private static final long STOP_GRACE_MILLIS = 3_000;

  private RegistryHost() {}

  public static void main(String[] args) throws Exception {
    Path jar = Path.of(args[0]);
    FileLock lock = ChildLock.acquire(Path.of(args[1]));
    Thread watch = new Thread(RegistryHost::stopWithParent, "parent watch");
    watch.setDaemon(true);
    watch.start();

    URLClassLoader registry =
        new URLClassLoader(
            "registry", new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(registry);
    // Returns when the registry has stopped.
    Class.forName(mainClassOf(jar), true, registry)
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[0]);
    lock.release();
  }

  private static String mainClassOf(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
    }
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
