package io.flowmeter.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Who is answered: whoever asks by address, for a name can be made to point here by anybody who
 * owns it, and no page of another site, which a browser tells by its headers. A link on another
 * site's page may be followed, though: who comes by it sees an answer that the other site does not.
 */
public final class Callers {
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]{2,45}\\]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final String host;

  /**
   * @param host as the settings name it, which is answered as well
   */
  public Callers(String host) {
    this.host = host.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a request is answered.
   *
   * @param headers the values of a header by its name, empty where it is not there
   */
  public boolean welcome(Function<String, List<String>> headers) {
    List<String> hosts = headers.apply("Host");
    if (hosts.size() != 1) {
      return false;
    }
    String asked = hosts.get(0).toLowerCase(Locale.ROOT);
    return isHere(PORT.matcher(asked).replaceFirst(""))
        && all(headers, "Origin", origin -> origin.equals("http://" + asked))
        && (all(headers, "Sec-Fetch-Site", OWN_SITE::contains) || followsALink(headers));
  }

  private static boolean followsALink(Function<String, List<String>> headers) {
    return List.of("navigate").equals(headers.apply("Sec-Fetch-Mode"))
        && List.of("document").equals(headers.apply("Sec-Fetch-Dest"))
        && headers.apply("Origin").isEmpty();
  }

  private boolean isHere(String name) {
    return name.equals("localhost") || name.equals(host) || ADDRESS.matcher(name).matches();
  }

  private static boolean all(
      Function<String, List<String>> headers, String name, Predicate<String> welcome) {
    return headers.apply(name).stream()
        .allMatch(value -> welcome.test(value.toLowerCase(Locale.ROOT)));
  }
}
