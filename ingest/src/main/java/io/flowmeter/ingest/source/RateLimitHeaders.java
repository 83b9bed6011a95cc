package io.flowmeter.ingest.source;

import io.flowmeter.ingest.budget.QuotaPolicy;
import io.flowmeter.ingest.budget.ServiceLimit;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What headers {@code Ratelimit-Policy} ({@code "default";q=1200;w=300}) and {@code Ratelimit}
 * ({@code "default";r=50;t=30}) tell. Either may come several times and hold several items; what
 * cannot be understood is left out.
 *
 * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/">RateLimit
 *     header fields for HTTP</a>
 */
final class RateLimitHeaders {
  private RateLimitHeaders() {}

  static List<QuotaPolicy> policies(HttpHeaders headers) {
    return items(headers, "ratelimit-policy").flatMap(item -> item.policy().stream()).toList();
  }

  static List<ServiceLimit> limits(HttpHeaders headers) {
    return items(headers, "ratelimit").flatMap(item -> item.limit().stream()).toList();
  }

  private static Stream<Item> items(HttpHeaders headers, String name) {
    return headers.allValues(name).stream()
        .flatMap(value -> split(value, ',').stream())
        .map(Item::of);
  }

  /** The parts between separators that stand outside of quotes. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      quoted ^= text.charAt(i) == '"';
      if (text.charAt(i) == separator && !quoted) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** A name with parameters. */
  private record Item(String name, Map<String, String> parameters) {

    static Item of(String text) {
      List<String> parts = split(text, ';');
      Map<String, String> parameters = new HashMap<>();
      for (String part : parts.subList(1, parts.size())) {
        String[] pair = part.split("=", 2);
        if (pair.length == 2) {
          parameters.put(pair[0].strip().toLowerCase(Locale.ROOT), unquoted(pair[1]));
        }
      }
      return new Item(unquoted(parts.get(0)), parameters);
    }

    private static String unquoted(String text) {
      return text.strip().replaceAll("^\"|\"$", "");
    }

    Optional<QuotaPolicy> policy() {
      OptionalLong quota = number("q");
      Optional<Duration> window =
          seconds("w").filter(w -> !w.isZero() && w.compareTo(QuotaPolicy.LONGEST_WINDOW) <= 0);
      boolean ofRequests = parameters.getOrDefault("qu", "requests").equals("requests");
      return ofRequests && quota.orElse(0) > 0 && window.isPresent()
          ? Optional.of(new QuotaPolicy(name, quota.getAsLong(), window.get()))
          : Optional.empty();
    }

    Optional<ServiceLimit> limit() {
      OptionalLong remaining = number("r");
      Optional<Duration> reset = seconds("t");
      return remaining.isPresent() && reset.isPresent()
          ? Optional.of(new ServiceLimit(name, remaining.getAsLong(), reset.get()))
          : Optional.empty();
    }

    private OptionalLong number(String parameter) {
      String text = parameters.getOrDefault(parameter, "");
      return text.matches("\\d{1,9}")
          ? OptionalLong.of(Long.parseLong(text))
          : OptionalLong.empty();
    }

    private Optional<Duration> seconds(String parameter) {
      OptionalLong number = number(parameter);
      return number.isPresent()
          ? Optional.of(Duration.ofSeconds(number.getAsLong()))
          : Optional.empty();
    }
  }
}
