package io.flowmeter.cli.settings;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a setting's text means.
 *
 * @param expected what is expected, as it stands in the documentation and in errors: "a duration
 *     such as 250ms, 30s, 5m, 12h or 7d"
 * @param parse reads the text; throws {@link IllegalArgumentException} where it does not fit
 */
record Kind<T>(String expected, Function<String, T> parse) {
  private static final Pattern AMOUNT = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");
  private static final Pattern LONG_AMOUNT = Pattern.compile("(\\d{1,5})\\s*(d|mo|y)");
  private static final Pattern BROKER = Pattern.compile("\\s*\\S+:\\d{1,5}\\s*");
  private static final int LAST_PORT = 65_535;

  /** A hundred years: nothing waits longer, and it can be counted in nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  static final Kind<String> TEXT = new Kind<>("text", text -> text);

  static final Kind<Path> PATH =
      new Kind<>(
          "a path",
          text -> {
            try {
              return Path.of(text);
            } catch (InvalidPathException e) {
              throw new IllegalArgumentException(e.getReason(), e);
            }
          });

  static final Kind<URI> URL = new Kind<>("an http or https URL", Kind::url);

  /** Of a server as a whole: where a path has no meaning, none is taken for one that has. */
  static final Kind<URI> SERVER = new Kind<>("an http or https URL without a path", Kind::server);

  static final Kind<List<URI>> SERVERS =
      new Kind<>(
          "http or https URLs without a path, with commas between",
          text -> Arrays.stream(text.split(",", -1)).map(Kind::server).toList());

  /** As Kafka's clients take them. */
  static final Kind<String> BROKERS =
      new Kind<>(
          "host:port, with commas between several",
          text -> {
            if (!Arrays.stream(text.split(",", -1)).allMatch(BROKER.asMatchPredicate())) {
              throw new IllegalArgumentException("one of them has no port or no host");
            }
            return text;
          });

  static final Kind<Duration> DURATION =
      new Kind<>("a duration such as 250ms, 30s, 5m, 12h or 7d", Kind::duration);

  static final Kind<Period> PERIOD = new Kind<>("a time such as 90d, 13mo or 3y", Kind::period);

  static final Kind<Double> SHARE = new Kind<>("a share over 0 and up to 1", Kind::share);

  /** As {@link #SHARE}, but not all of it. */
  static final Kind<Double> PART =
      new Kind<>(
          "a share over 0 and under 1",
          text -> {
            double part = share(text);
            if (part == 1) {
              throw new IllegalArgumentException("not under 1");
            }
            return part;
          });

  static final Kind<Integer> PORT = integer(0, LAST_PORT, "a port, 0 for any free one");

  /** A port, or none. */
  static final Kind<Optional<Integer>> PORT_OR_OFF =
      new Kind<>(
          PORT.expected() + ", `off` for none",
          text -> text.equals("off") ? Optional.empty() : Optional.of(PORT.parse().apply(text)));

  /** One of the names of an enum, in small letters. */
  static <E extends Enum<E>> Kind<E> oneOf(Class<E> choices) {
    Map<String, E> byName = new LinkedHashMap<>();
    for (E each : choices.getEnumConstants()) {
      byName.put(each.name().toLowerCase(Locale.ROOT), each);
    }
    String expected = "one of " + String.join(", ", byName.keySet());
    return new Kind<>(
        expected,
        text ->
            Optional.ofNullable(byName.get(text))
                .orElseThrow(() -> new IllegalArgumentException("not " + expected)));
  }

  /** The system's where nothing is told. */
  static final Kind<Clock> CLOCK =
      new Kind<>(
          "virtual time as epoch@start*speed",
          text -> text.isEmpty() ? Clock.system() : FastClock.parse(text));

  static Kind<Integer> integer(int least, int most) {
    return integer(least, most, "a whole number from " + least + " to " + most);
  }

  private static Kind<Integer> integer(int least, int most, String expected) {
    return new Kind<>(
        expected,
        text -> {
          int value = Integer.parseInt(text);
          if (value < least || value > most) {
            throw new IllegalArgumentException("not from " + least + " to " + most);
          }
          return value;
        });
  }

  static Duration duration(String text) {
    Matcher matcher = AMOUNT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a number and a unit (ms, s, m, h, d) were expected");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration unit =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(1);
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          case "h" -> Duration.ofHours(1);
          default -> Duration.ofDays(1);
        };
    if (amount > LONGEST.dividedBy(unit)) {
      throw new IllegalArgumentException("it is longer than %dd".formatted(LONGEST.toDays()));
    }
    return unit.multipliedBy(amount);
  }

  private static Period period(String text) {
    Matcher matcher = LONG_AMOUNT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a number and a unit (d, mo, y) were expected");
    }
    int amount = Integer.parseInt(matcher.group(1));
    if (amount < 1) {
      throw new IllegalArgumentException("it must be at least 1");
    }
    return switch (matcher.group(2)) {
      case "d" -> Period.ofDays(amount);
      case "mo" -> Period.ofMonths(amount);
      default -> Period.ofYears(amount);
    };
  }

  private static double share(String text) {
    double share = Double.parseDouble(text);
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("not over 0 and up to 1");
    }
    return share;
  }

  private static URI server(String text) {
    URI url = url(text);
    if (!url.getScheme().equals(url.getScheme().toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("its scheme is in capitals");
    }
    boolean path = !url.getPath().isEmpty() && !url.getPath().equals("/");
    if (path || url.getQuery() != null) {
      throw new IllegalArgumentException("it has a path or a query");
    }
    return url;
  }

  /** Its reason says where it is wrong, and not what stands there, which may be a password. */
  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "%s at character %d".formatted(e.getReason(), e.getIndex() + 1), e);
    }
  }

  private static URI url(String text) {
    URI url = uri(text.strip());
    boolean http =
        "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    if (!http || url.getHost() == null) {
      throw new IllegalArgumentException("it has no http:// or https:// and host");
    }
    if (url.getUserInfo() != null) {
      throw new IllegalArgumentException("user and password do not belong into the URL");
    }
    return url;
  }
}
