package io.flowmeter.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flowmeter.cli.health.StubHealth;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be known of deploy/compose.yaml without a container. */
class ComposeIT {

  private static final Manifest COMPOSE = Manifest.compose();
  private static final Pattern FROM_ENVIRONMENT = Pattern.compile("\\$\\{(\\w+):\\?[^}]+}");

  /** Anything may stand where a secret or an account comes from the environment. */
  private static final String GIVEN = "given";

  static List<String> services() {
    return COMPOSE.at("services").keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("services")
  void everyImageIsPinnedToAReleaseOfItsOwn(String service) {
    assertThat(COMPOSE.at("services/" + service).get("image").toString())
        .matches("[a-z0-9./-]+:\\d+(\\.\\d+){2,}");
  }

  @ParameterizedTest
  @MethodSource("services")
  void nothingListensBeyondThisMachine(String service) {
    Object ports = COMPOSE.at("services/" + service).getOrDefault("ports", List.of());
    assertThat(Manifest.list(ports)).allMatch(port -> port.toString().startsWith("127.0.0.1:"));
  }

  @ParameterizedTest
  @MethodSource("services")
  void everyServiceThatStaysIsLookedAfter(String service) {
    Map<String, Object> definition = COMPOSE.at("services/" + service);
    assertThat(definition).containsKey("restart");
    if (!service.equals("migrate")) {
      assertThat(COMPOSE.at("services/" + service + "/healthcheck")).containsKey("test");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate", "ingest", "stream"})
  void flowmeterTakesEverySettingThatItIsGiven(String service) {
    Map<String, String> environment = new HashMap<>();
    COMPOSE
        .at("services/" + service + "/environment")
        .forEach(
            (name, value) ->
                environment.put(
                    name, FROM_ENVIRONMENT.matcher(value.toString()).replaceAll(GIVEN)));

    assertThatCode(() -> Settings.read(Map.of(), environment, Optional.empty()))
        .doesNotThrowAnyException();
    assertThat(COMPOSE.at("services/" + service).get("command")).isEqualTo(List.of(service));
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate", "ingest", "stream"})
  void flowmeterHasALimitOfMemoryForItsHeapIsAPartOfItAndTimeToStop(String service)
      throws IOException {
    assertThat(COMPOSE.at("services/" + service))
        .containsKey("mem_limit")
        .containsEntry("stop_grace_period", "20s");
    assertThat(Files.readString(Manifest.FOLDER.resolve("Dockerfile")))
        .contains("-XX:MaxRAMPercentage=60");
  }

  /** The image's own check, which is asked for readiness here. */
  @ParameterizedTest
  @CsvSource({"live, true, true", "live, false, true", "ready, true, true", "ready, false, false"})
  void theCheckTellsWhatIsReadyFromWhatIsNot(String word, boolean ready, boolean passes)
      throws Exception {
    assertThat(Manifest.list(COMPOSE.at("services/stream/healthcheck").get("test")))
        .containsExactly("CMD", "healthcheck", "ready");
    Settings settings =
        Settings.read(
            new HashMap<>(Map.of(Setting.METRICS_PORT.name(), "0")), Map.of(), Optional.empty());
    try (MetricsServer server = MetricsServer.start(settings, new StubHealth(() -> ready))) {
      Check check = check(word, String.valueOf(server.url().orElseThrow().getPort()));

      assertThat(check.exitCode() == 0).as(check.output()).isEqualTo(passes);
      assertThat(check.output()).contains(passes ? word + "\n" : "not " + word + "\n");
    }
  }

  @Test
  void theCheckFailsWhereNothingListensAndPassesWhereNothingShould() throws Exception {
    try (Socket silent = new Socket()) {
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

      assertThat(check("live", String.valueOf(silent.getLocalPort())).exitCode()).isEqualTo(1);
    }
    assertThat(check("live", "off").exitCode()).isZero();
  }

  private record Check(int exitCode, String output) {}

  private static Check check(String word, String port) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(Manifest.FOLDER.resolve("healthcheck").toString(), word)
            .redirectErrorStream(true);
    builder.environment().put("FLOWMETER_METRICS_PORT", port);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Check(process.waitFor(), output);
  }

  /** By Compose itself, on a machine that has it; {@link ModelTest} needs nothing. */
  @Test
  void composeAcceptsTheFile() throws Exception {
    assumeTrue(isOnThePath("docker-compose"), "docker-compose is not on the PATH");
    ProcessBuilder builder =
        new ProcessBuilder(
                "docker-compose",
                "--file",
                Manifest.FOLDER.resolve("compose.yaml").toString(),
                "--env-file",
                "/dev/null",
                "config",
                "--quiet")
            .redirectErrorStream(true);
    for (String line : Files.readAllLines(Manifest.FOLDER.resolve(".env.example"))) {
      if (line.endsWith("=")) {
        builder.environment().put(line.substring(0, line.length() - 1), GIVEN);
      }
    }
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
  }

  private static boolean isOnThePath(String program) {
    return Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getenv("PATH"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  @Test
  void noSecretStandsInTheFile() {
    COMPOSE
        .values()
        .forEach(
            (path, value) -> {
              if (path.matches("(?i).*(password|token|secret|webhook)\\w*")) {
                assertThat(value).as(path).matches(FROM_ENVIRONMENT);
              }
            });
  }

  @Test
  void theExampleHasEveryNameAndNoValue() throws IOException {
    String compose = Files.readString(Manifest.FOLDER.resolve("compose.yaml"));
    List<String> example = Files.readAllLines(Manifest.FOLDER.resolve(".env.example"));

    assertThat(example.stream().filter(line -> !line.isEmpty() && !line.startsWith("#")).toList())
        .allMatch(line -> line.endsWith("="))
        .containsExactlyInAnyOrderElementsOf(
            new TreeSet<>(
                FROM_ENVIRONMENT
                    .matcher(compose)
                    .results()
                    .map((MatchResult found) -> found.group(1) + "=")
                    .toList()));
  }

  @Test
  void theBuildIsGivenTheModulesAndTheRestOfTheArchive() throws IOException {
    String pom = Files.readString(Manifest.FOLDER.resolveSibling("pom.xml"));
    List<String> lines = Files.readAllLines(Manifest.FOLDER.resolve("Dockerfile.dockerignore"));
    Stream<String> modules =
        Pattern.compile("<module>([^<]+)</module>").matcher(pom).results().map(m -> m.group(1));

    assertThat(lines)
        .contains("*", "!pom.xml", "!.mvn", "**/target", "**/node_modules", "deploy/.env");
    assertThat(lines.stream().filter(line -> line.matches("![a-z0-9-]+")))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(modules, Stream.of("deploy", "docs")).map(name -> "!" + name).toList());
  }

  @Test
  void whatIsMountedFromTheProjectIsThere() {
    COMPOSE
        .values()
        .forEach(
            (path, value) -> {
              if (path.contains("/volumes/") && value.startsWith(".")) {
                Path mounted = Manifest.FOLDER.resolve(value.substring(0, value.indexOf(':')));
                assertThat(mounted).exists();
                assertThat(value).endsWith(":ro");
              }
            });
  }

  @Test
  void grafanaIsGivenEveryVariableOfItsProvisioning() throws IOException {
    Map<String, Object> given = COMPOSE.at("services/grafana/environment");
    Path provisioning = Manifest.FOLDER.resolveSibling("dashboards/provisioning");
    try (var files = Files.walk(provisioning)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(given.keySet())
            .as(file.toString())
            .containsAll(
                Pattern.compile("\\$\\{?(FLOWMETER_\\w+)")
                    .matcher(Files.readString(file))
                    .results()
                    .map(found -> found.group(1))
                    .toList());
      }
    }
  }

  /** Grafana's entry point up to its own, in other folders. */
  @Test
  void theRunbooksAddressIsPutIntoTheRules(@TempDir Path folder) throws Exception {
    String entry =
        Manifest.list(COMPOSE.at("services/grafana").get("entrypoint")).get(2).toString();
    String script =
        entry
            .replace("$$", "$")
            .replace("/tmp/flowmeter", folder.toString())
            .replace(
                "/flowmeter/provisioning ",
                Manifest.FOLDER.resolveSibling("dashboards/provisioning") + " ")
            .replace("exec /run.sh", "true");
    ProcessBuilder sh = new ProcessBuilder("sh", "-c", script).inheritIO();
    sh.environment().put("FLOWMETER_RUNBOOKS", "https://git.example/runbooks");

    assertThat(sh.start().waitFor()).isZero();
    assertThat(Files.readString(folder.resolve("provisioning/alerting/rules.yaml")))
        .contains("runbook_url: \"https://git.example/runbooks/error_spike.md\"")
        .doesNotContain("${");
  }

  @Test
  void clickHousesUsersMayWhatTheProjectsUsersMay() throws IOException {
    String users = Files.readString(Manifest.FOLDER.resolve("clickhouse/users.xml"));
    String sql;
    try (InputStream in = ClickHouseEndpoint.class.getResourceAsStream("users.sql")) {
      sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    assertThat(grants(users, "<query>(GRANT [^<]+)</query>"))
        .containsExactlyElementsOf(grants(sql, "(?m)^(GRANT .+) TO flowmeter_\\w+;"));
    assertThat(users)
        .contains("<password from_env=\"FLOWMETER_CLICKHOUSE_PASSWORD\"/>")
        .contains("<password from_env=\"FLOWMETER_CLICKHOUSE_READER_PASSWORD\"/>");
  }

  private static List<String> grants(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }
}
