package io.flowmeter.simulator.fault;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A {@link FaultPlan} as it is written on a command line. */
public final class FaultWords {
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})([smh])");
  private static final String SKEW = "skew";
  private static final String ALL = "all";

  private FaultWords() {}

  /** What can be written, for a usage text. */
  public static String usage() {
    return Arrays.stream(FaultPlan.Kind.values())
        .map(kind -> kind.word() + "=SHARE")
        .collect(Collectors.joining(", ", "", ", skew=TIME, or all"));
  }

  /**
   * Reads {@code all}, or a list such as {@code 429=0.001,5xx=0.01,skew=10m}.
   *
   * @throws IllegalArgumentException when a name or a value is none; the message tells which are
   */
  public static FaultPlan parse(String text, long seed) {
    if (text.trim().equals(ALL)) {
      return FaultPlan.all(seed);
    }
    Map<FaultPlan.Kind, Double> shares = new EnumMap<>(FaultPlan.Kind.class);
    Duration skew = Duration.ZERO;
    for (String part : text.split(",")) {
      String[] words = part.trim().split("=", 2);
      String value = words.length == 2 ? words[1] : "";
      Optional<FaultPlan.Kind> kind =
          Arrays.stream(FaultPlan.Kind.values())
              .filter(each -> each.word().equals(words[0]))
              .findFirst();
      if (kind.isPresent()) {
        shares.put(kind.get(), share(words[0], value));
      } else if (words[0].equals(SKEW)) {
        skew = time(value);
      } else {
        throw new IllegalArgumentException(
            "expected faults among %s, came '%s'".formatted(usage(), part.trim()));
      }
    }
    return FaultPlan.of(seed, shares).withSkew(skew);
  }

  private static double share(String name, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a share of requests from 0 to 1, like %s=0.01, came '%s'"
              .formatted(name, value),
          e);
    }
  }

  private static Duration time(String value) {
    Matcher parts = TIME.matcher(value.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "expected a time in s, m or h, like skew=10m, came '%s'".formatted(value));
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }
}
