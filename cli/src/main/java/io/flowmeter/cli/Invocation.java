package io.flowmeter.cli;

import io.flowmeter.cli.console.Console;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.clock.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What came from outside: the command line, the environment, and who is told. A flag whose name has
 * a dot is a setting, of any command; all else is the command's own.
 *
 * @param settingFlags by name, without the dashes
 * @param startedAt when the command was given, after a build if there was one
 */
public record Invocation(
    String[] arguments,
    Map<String, String> settingFlags,
    Map<String, String> environment,
    Console console,
    Instant startedAt) {
  private static final Pattern SETTING = Pattern.compile("--[a-z0-9_]+(\\.[a-z0-9_]+)+(=.*)?");

  public static Invocation of(String[] args, Map<String, String> environment, Console console) {
    List<String> own = new ArrayList<>();
    Map<String, String> flags = new LinkedHashMap<>();
    Iterator<String> each = List.of(args).iterator();
    while (each.hasNext()) {
      String arg = each.next();
      if (arg.equals("--")) {
        own.add(arg);
        each.forEachRemaining(own::add);
      } else if (SETTING.matcher(arg).matches()) {
        int equals = arg.indexOf('=');
        String name = arg.substring(2, equals < 0 ? arg.length() : equals);
        if (equals < 0 && !each.hasNext()) {
          throw new SettingsException("expected a value after " + arg + ", came nothing");
        }
        flags.put(name, equals < 0 ? each.next() : arg.substring(equals + 1));
      } else {
        own.add(arg);
      }
    }
    return new Invocation(own.toArray(String[]::new), flags, environment, console, given());
  }

  /**
   * For a command that works without them.
   *
   * @param why it does
   * @throws SettingsException where one was given, which would do nothing
   */
  public void requireNoSettings(String why) {
    settingFlags.keySet().stream()
        .findFirst()
        .ifPresent(
            name -> {
              throw new SettingsException(
                  "expected no settings, came --%s: %s".formatted(name, why));
            });
  }

  /** The {@code flowmeter} script tells when it started the JVM, in epoch milliseconds. */
  private static Instant given() {
    Long script = Long.getLong("flowmeter.began");
    return script == null ? Clock.system().instant() : Instant.ofEpochMilli(script);
  }
}
