package io.flowmeter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A class named {@code *Test} runs in the unit lane: it needs no server, no port, no process and no
 * sleep, not even through other test classes of its module. All others are named {@code *IT}.
 */
class LanesTest {
  private static final Path HOME = Path.of(System.getProperty("flowmeter.home"));

  private static final Set<String> TYPES =
      Set.of(
          "com.sun.net.httpserver.HttpServer",
          "com.sun.net.httpserver.HttpsServer",
          "io.flowmeter.e2e.lab.LocalRuntime",
          "io.flowmeter.embedded.EmbeddedClickHouse",
          "io.flowmeter.embedded.EmbeddedKafka",
          "io.flowmeter.embedded.EmbeddedKafkaCluster",
          "io.flowmeter.embedded.EmbeddedSchemaRegistry",
          "io.flowmeter.embedded.EmbeddedStack",
          "io.flowmeter.http.Listener",
          "io.flowmeter.simulator.Simulator",
          "io.flowmeter.testkit.ClickHouseServer",
          "io.flowmeter.testkit.ReservedPort",
          "java.lang.ProcessBuilder",
          "java.net.ServerSocket",
          "java.nio.channels.ServerSocketChannel");

  private static final Set<String> CALLS =
      Set.of(
          "io.flowmeter.dev.up.Up.start",
          "java.lang.Runtime.exec",
          "java.lang.Thread.sleep",
          "java.util.concurrent.TimeUnit.sleep");

  @Test
  void unitTestsNeedNoServerNoPortNoProcessAndNoSleep() throws IOException {
    List<String> misplaced = new ArrayList<>();
    for (Path classes : testClasses()) {
      JavaClasses module = new ClassFileImporter().importPath(classes);
      for (JavaClass each : module) {
        if (each.isTopLevelClass() && each.getSimpleName().endsWith("Test")) {
          reason(each, module)
              .ifPresent(
                  reason ->
                      misplaced.add(
                          "%s uses %s: rename it to *IT".formatted(each.getName(), reason)));
        }
      }
    }

    assertThat(misplaced).isEmpty();
  }

  private static List<Path> testClasses() throws IOException {
    try (Stream<Path> modules = Files.list(HOME)) {
      return modules
          .map(module -> module.resolve("target/test-classes"))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  /** What a test class of the module, and those it uses, need that unit tests do not have. */
  private static Optional<String> reason(JavaClass test, JavaClasses module) {
    Set<JavaClass> seen = new HashSet<>(Set.of(test));
    Deque<JavaClass> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      JavaClass user = next.remove();
      for (String used : uses(user)) {
        if (TYPES.contains(used) || CALLS.contains(used)) {
          return Optional.of(used + (user.equals(test) ? "" : " in " + user.getName()));
        }
        if (module.contain(used) && seen.add(module.get(used))) {
          next.add(module.get(used));
        }
      }
    }
    return Optional.empty();
  }

  private static Set<String> uses(JavaClass user) {
    Set<String> names = new TreeSet<>();
    user.getDirectDependenciesFromSelf()
        .forEach(
            dependency -> names.add(dependency.getTargetClass().getBaseComponentType().getName()));
    user.getMethodCallsFromSelf()
        .forEach(
            call -> names.add(call.getTargetOwner().getName() + "." + call.getTarget().getName()));
    return names;
  }
}
