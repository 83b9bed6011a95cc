package io.flowmeter.http;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Who is answered: whoever asks by address, for a name can be made to point here by anybody who
 * owns it, and no page of another site, which a browser tells by its headers. A link on another
 * site's page may be followed, though: who comes by it sees an answer that the other site does not.
 */
final class Callers {
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]{2,45}\\]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final String host;

  /**
   * @param host as the settings name it, which is answered as well
   */
  Callers(String host) {
    this.host = host.toLowerCase(Locale.ROOT);
  }

  boolean welcome(Headers headers) {
    List<String> hosts = headers.getOrDefault("Host", List.of());
    if (hosts.size() != 1) {
      return false;
    }
    String asked = hosts.get(0).toLowerCase(Locale.ROOT);
    return isHere(PORT.matcher(asked).replaceFirst(""))
        && all(headers, "Origin", origin -> origin.equals("http://" + asked))
        && (all(headers, "Sec-Fetch-Site", OWN_SITE::contains) || followsALink(headers));
  }

  private static boolean followsALink(Headers headers) {
    return List.of("navigate").equals(headers.get("Sec-Fetch-Mode"))
        && List.of("document").equals(headers.get("Sec-Fetch-Dest"))
        && !headers.containsKey("Origin");
  }

  private boolean isHere(String name) {
    return name.equals("localhost") || name.equals(host) || ADDRESS.matcher(name).matches();
  }

  private static boolean all(Headers headers, String name, Predicate<String> welcome) {
    return headers.getOrDefault(name, List.of()).stream()
        .allMatch(value -> welcome.test(value.toLowerCase(Locale.ROOT)));
  }
}
