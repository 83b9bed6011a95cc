package io.flowmeter.e2e;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Who may use whom: the table of the rooms, as a test over all classes of the product and of this
 * room's tests.
 */
class ModuleRulesTest {

  private static final String ROOT = "io.flowmeter.";

  /** What each room may use beside itself. */
  private static final Map<String, Set<String>> MAY_USE =
      new TreeMap<>(
          Map.ofEntries(
              entry("clock", Set.of()),
              entry("failpoint", Set.of()),
              entry("http", Set.of()),
              entry("schemas", Set.of()),
              entry("sql", Set.of("failpoint")),
              entry("dashboards", Set.of("sql")),
              entry("preview", Set.of("dashboards", "http", "sql")),
              // Its registry answers the same callers as our own listeners.
              entry("embedded", Set.of("http")),
              entry("simulator", Set.of("clock")),
              // What it expects it computes by itself, from the simulator's ledger alone.
              entry("verify", Set.of("simulator")),
              entry("ingest", Set.of("clock", "failpoint", "schemas")),
              entry(
                  "bench",
                  Set.of(
                      "clock",
                      "dashboards",
                      "embedded",
                      "schemas",
                      "simulator",
                      "ingest",
                      "sql",
                      "streams")),
              entry("streams", Set.of("clock", "failpoint", "schemas", "sql")),
              // What serves an account: it has neither embedded servers nor a simulator.
              entry(
                  "cli",
                  Set.of("clock", "failpoint", "http", "ingest", "schemas", "sql", "streams")),
              entry(
                  "dev",
                  Set.of(
                      "bench",
                      "cli",
                      "clock",
                      "embedded",
                      "failpoint",
                      "http",
                      "ingest",
                      "preview",
                      "schemas",
                      "simulator",
                      "sql",
                      "streams",
                      "verify")),
              // For tests only, but not of one module.
              entry("testkit", Set.of("embedded", "sql")),
              entry(
                  "e2e",
                  Set.of(
                      "cli",
                      "clock",
                      "dashboards",
                      "dev",
                      "embedded",
                      "failpoint",
                      "http",
                      "preview",
                      "schemas",
                      "simulator",
                      "sql",
                      "testkit",
                      "verify"))));

  /**
   * What is expected of a source is asked of a source, as the poller asks it. All other tests here
   * look at the whole from outside, as a user does, and must not know how it polls.
   */
  private static final String SOURCES = ROOT + "e2e.source";

  private static JavaClasses product;

  @BeforeAll
  static void readTheClasses() {
    product = new ClassFileImporter().importPackages("io.flowmeter");
  }

  @Test
  void everyRoomIsHere() {
    Set<String> found = product.stream().map(ModuleRulesTest::room).collect(Collectors.toSet());

    assertThat(found).containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
  }

  @TestFactory
  Stream<DynamicTest> aRoomUsesOnlyWhatItMay() {
    return MAY_USE.entrySet().stream()
        .map(
            entry -> {
              String room = entry.getKey();
              Set<String> others = new TreeSet<>(MAY_USE.keySet());
              others.removeAll(entry.getValue());
              others.remove(room);
              ArchRule rule =
                  noClasses()
                      .that(resideInAPackage(ROOT + room + ".."))
                      .and(not(resideInAPackage(SOURCES)))
                      .should()
                      .dependOnClassesThat(resideInAnyPackage(packages(others)));
              return dynamicTest(room + " does not use " + others, () -> rule.check(product));
            });
  }

  @Test
  void theExpectationsOfASourceUseOnlySourcesBeside() {
    noClasses()
        .that(resideInAPackage(SOURCES))
        .should()
        .dependOnClassesThat(resideInAnyPackage(packages(Set.of("cli", "dev", "streams", "bench"))))
        .check(product);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(product);
  }

  @Test
  void aPackageNamedInternalIsUsedByItsRoomOnly() {
    for (String room : MAY_USE.keySet()) {
      classes()
          .that(resideInAPackage(ROOT + room + "..internal.."))
          .should()
          .onlyBeAccessed()
          .byClassesThat(resideInAPackage(ROOT + room + ".."))
          .allowEmptyShould(true)
          .check(product);
    }
  }

  @Test
  void timesDoNotDependOnTheMachinesZone() {
    noClasses()
        .should()
        .callMethod(ZoneId.class, "systemDefault")
        .orShould()
        .callMethod(LocalDateTime.class, "now")
        .because("all times are UTC, said explicitly")
        .check(product);
  }

  @Test
  void onlyTheClockAsksTheSystemWhatTimeItIs() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "clock..", ROOT + "e2e..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.time.Clock.class)
        .because("time is handed in, so that a day can pass in minutes")
        .check(product);
  }

  @Test
  void nothingSleepsInATest() {
    noClasses()
        .that(resideInAPackage(ROOT + "e2e.."))
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .because("a test waits for a condition")
        .check(product);
  }

  private static String room(JavaClass type) {
    return type.getPackageName().substring(ROOT.length()).split("\\.")[0];
  }

  private static String[] packages(Set<String> rooms) {
    return rooms.stream().map(room -> ROOT + room + "..").toArray(String[]::new);
  }
}
