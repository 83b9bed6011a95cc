package io.flowmeter.cli.settings;

import io.flowmeter.failpoint.Failpoint;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The effective settings. A flag wins over the environment, which wins over the file, which wins
 * over the default.
 */
public final class Settings {
  /** The origin of a value that nobody set. */
  public static final String DEFAULT = "default";

  /** Stands for an account in the name of the file with its token. */
  private static final String ACCOUNT = "{account}";

  private static final String PREFIX = "FLOWMETER_";

  private static final String MASK = "********";

  private static final Pattern JAAS_PASSWORD =
      Pattern.compile("\\b(?:password|clientSecret)\\s*=\\s*\"([^\"]*)\"");

  private static final Pattern LOGIN = Pattern.compile("^[^\\s:=\"]{1,200}:(\\S+)$");

  /** Read by the {@code flowmeter} script, before there is a JVM, and by the torture suite's. */
  private static final List<String> NO_SETTINGS =
      List.of("FLOWMETER_JAVA_OPTS", Failpoint.VARIABLE);

  /**
   * A setting as it is in force.
   *
   * @param origin where the value comes from: {@code default}, {@code --flag}, {@code $VARIABLE},
   *     the file's path
   */
  public record Effective(String name, String value, String origin, boolean secret) {

    /** The value as it may be shown. */
    public String shown() {
      return secret && !value.isEmpty() ? MASK : value;
    }
  }

  private final Map<String, Effective> byName;

  private Settings(Map<String, Effective> byName) {
    this.byName = byName;
  }

  /**
   * Reads the settings and checks every one of them.
   *
   * @param flags by name without the leading dashes
   * @param environment all of the process's variables; those of others are passed over
   * @param file the configuration file, in Java's properties format and UTF-8
   * @throws SettingsException where a name is unknown, a value does not fit, a secret is open
   */
  public static Settings read(
      Map<String, String> flags, Map<String, String> environment, Optional<Path> file) {
    Map<String, Effective> found = new LinkedHashMap<>();
    for (Setting<?> setting : Setting.ALL) {
      put(found, setting.name(), setting.preset(), DEFAULT);
    }
    file.ifPresent(path -> readFile(path, found));
    readEnvironment(environment, found);
    flags.forEach(
        (name, value) -> {
          requireKnown(name, "--" + name);
          if (isSecret(name)) {
            throw new SettingsException(
                "--"
                    + name
                    + " is a secret, and flags are open to every user of the machine: set $"
                    + Setting.variableOf(name)
                    + " or "
                    + name
                    + " in a --config file of mode 0600");
          }
          put(found, name, value, "--" + name);
        });
    Settings settings = new Settings(found);
    Setting.ALL.forEach(settings::get);
    return settings;
  }

  /** Only defaults. */
  public static Settings defaults() {
    return read(Map.of(), Map.of(), Optional.empty());
  }

  /** The typed value. */
  public <T> T get(Setting<T> setting) {
    Effective effective = effective(setting);
    try {
      return setting.parse().apply(effective.value());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          "%s (from %s): expected %s, came %s%s"
              .formatted(
                  setting.name(),
                  effective.origin(),
                  setting.expected(),
                  setting.secret()
                      ? "something else"
                      : "\"" + withoutLogin(effective.value()) + "\"",
                  e instanceof NumberFormatException || e.getMessage() == null
                      ? ""
                      : ": " + e.getMessage()),
          e);
    }
  }

  /** A URL that is refused may be so for the password before its {@code @}. */
  private static String withoutLogin(String value) {
    int at = value.lastIndexOf('@');
    return at < 0 ? value : MASK + value.substring(at);
  }

  /**
   * A secret that is given either itself or by the file that holds it; the file wins nothing: both
   * at once are refused.
   */
  public Optional<String> secret(Setting<Optional<String>> itself, Setting<Optional<Path>> inFile) {
    Optional<String> direct = get(itself);
    Optional<Path> path = get(inFile);
    if (direct.isPresent() && path.isPresent()) {
      throw givenTwice(effective(itself), effective(inFile));
    }
    return direct.or(() -> path.map(SecretFile::read));
  }

  private List<String> accounts() {
    return accounts(get(Setting.ACCOUNT_ID).orElse(""));
  }

  /** The accounts of {@link Setting#ACCOUNT_ID}, in the order in which they are named. */
  public static List<String> accounts(String all) {
    return Stream.of(all.split(","))
        .map(String::strip)
        .filter(account -> !account.isEmpty())
        .distinct()
        .toList();
  }

  /** These settings for one of the accounts, with its own token. */
  public Settings ofAccount(String account) {
    Effective file = effective(Setting.API_TOKEN_FILE);
    return with(Setting.ACCOUNT_ID, account, effective(Setting.ACCOUNT_ID).origin())
        .with(Setting.API_TOKEN_FILE, file.value().replace(ACCOUNT, account), file.origin());
  }

  /**
   * What was set for another project's client, under its own names; secrets in files are read.
   *
   * @throws SettingsException where a secret is given twice, or others may read its file
   */
  public Map<String, String> passedThrough(PassThrough client) {
    return client.own(passedThrough());
  }

  private Map<String, String> passedThrough() {
    Map<String, String> values = new TreeMap<>();
    byName.forEach(
        (name, effective) -> {
          if (PassThrough.of(name).isPresent()) {
            values.put(name, effective.value());
          }
          PassThrough.secretInFile(name)
              .ifPresent(
                  secret -> {
                    if (byName.containsKey(secret)) {
                      throw givenTwice(byName.get(secret), effective);
                    }
                    values.put(secret, SecretFile.read(Path.of(effective.value())));
                  });
        });
    return values;
  }

  private static SettingsException givenTwice(Effective itself, Effective inFile) {
    return new SettingsException(
        "%s (from %s) and %s (from %s) are both set: keep one of them"
            .formatted(itself.name(), itself.origin(), inFile.name(), inFile.origin()));
  }

  public Effective effective(Setting<?> setting) {
    return byName.get(setting.name());
  }

  /** All of them in the order of the documentation, then what is passed through. */
  public List<Effective> effective() {
    return List.copyOf(byName.values());
  }

  /** The values that must not be written anywhere, those in files as well. */
  public List<String> secrets() {
    Stream<String> direct =
        byName.values().stream().filter(Effective::secret).map(Effective::value);
    Stream<Settings> each =
        accounts().isEmpty() ? Stream.of(this) : accounts().stream().map(this::ofAccount);
    Stream<String> inFiles =
        each.flatMap(one -> Setting.SECRET_FILES.stream().flatMap(file -> one.get(file).stream()))
            .distinct()
            .map(SecretFile::read);
    Stream<String> handedOn =
        passedThrough().entrySet().stream()
            .filter(entry -> PassThrough.isSecret(entry.getKey()))
            .map(Map.Entry::getValue);
    return Stream.of(direct, inFiles, handedOn)
        .flatMap(values -> values)
        .flatMap(Settings::withWhatIsInIt)
        .filter(value -> !value.isEmpty())
        .distinct()
        .toList();
  }

  /** The passwords within a line for JAAS, and the one of {@code user:password}. */
  private static Stream<String> withWhatIsInIt(String secret) {
    Stream<String> ofJaas = JAAS_PASSWORD.matcher(secret).results().map(found -> found.group(1));
    Stream<String> ofLogin = LOGIN.matcher(secret).results().map(found -> found.group(1));
    return Stream.of(Stream.of(secret), ofJaas, ofLogin).flatMap(values -> values);
  }

  /** The same settings, one of them changed by the program itself. */
  public Settings with(Setting<?> setting, String value, String origin) {
    Map<String, Effective> changed = new LinkedHashMap<>(byName);
    put(changed, setting.name(), value, origin);
    Settings settings = new Settings(changed);
    settings.get(setting);
    return settings;
  }

  private static void readFile(Path path, Map<String, Effective> found) {
    Properties properties = new Properties();
    try (Reader reader = new StringReader(Files.readString(path))) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new SettingsException(
          "expected a readable file of lines name = value at " + path + ", came: " + e, e);
    }
    for (String name : properties.stringPropertyNames().stream().sorted().toList()) {
      requireKnown(name, path.toString());
      if (isSecret(name)) {
        SecretFile.requireOwnerOnly(path);
      }
      put(found, name, properties.getProperty(name).strip(), path.toString());
    }
  }

  private static void readEnvironment(
      Map<String, String> environment, Map<String, Effective> found) {
    for (Setting<?> setting : Setting.ALL) {
      String other = environment.get(setting.otherVariable());
      if (other != null && !other.isBlank()) {
        put(found, setting.name(), other.strip(), "$" + setting.otherVariable());
      }
    }
    Map<String, String> names = new TreeMap<>();
    knownNames().forEach(name -> names.put(Setting.variableOf(name), name));
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      if (!variable.getKey().startsWith(PREFIX) || NO_SETTINGS.contains(variable.getKey())) {
        continue;
      }
      String name = names.get(variable.getKey());
      if (name == null) {
        throw new SettingsException(
            "$%s is no setting; did you mean $%s? `flowmeter settings` lists them all"
                .formatted(
                    variable.getKey(), Nearest.to(variable.getKey(), names.keySet().stream())));
      }
      put(found, name, variable.getValue().strip(), "$" + variable.getKey());
    }
  }

  private static void requireKnown(String name, String origin) {
    if (knownNames().noneMatch(name::equals)) {
      throw new SettingsException(
          "%s: %s is no setting; did you mean %s? `flowmeter settings` lists them all"
              .formatted(origin, name, Nearest.to(name, knownNames())));
    }
  }

  private static Stream<String> knownNames() {
    return Stream.concat(
        Setting.ALL.stream().map(Setting::name),
        PassThrough.ALL.stream().flatMap(PassThrough::names));
  }

  private static boolean isSecret(String name) {
    return Setting.ALL.stream()
        .filter(setting -> setting.name().equals(name))
        .findFirst()
        .map(Setting::secret)
        .orElseGet(() -> PassThrough.isSecret(name));
  }

  private static void put(Map<String, Effective> found, String name, String value, String origin) {
    found.put(name, new Effective(name, value, origin, isSecret(name)));
  }

  /** For tests and documentation: nothing of the effective values but masked ones. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    byName.values().forEach(e -> lines.add(e.name() + "=" + e.shown()));
    return String.join(", ", lines);
  }
}
