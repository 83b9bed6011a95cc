package io.flowmeter.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Decides which requests a listener accepts.
 *
 * <p>The caller must use an address or a known name, because anyone who owns another name can point
 * it at this machine. The request must not come from a page of another site; the browser's headers
 * show that. Following a link on another site's page is allowed, because that site does not see the
 * response.
 */
public final class Callers {
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]{2,45}\\]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final String host;

  /**
   * @param host the host name in the settings, which is accepted as well
   */
  public Callers(String host) {
    this.host = host.toLowerCase(Locale.ROOT);
  }

  /**
   * Returns whether a request is accepted.
   *
   * @param headers returns the values of a header by name; empty if the header is missing
   */
  public boolean accepts(Function<String, List<String>> headers) {
    List<String> hosts = headers.apply("Host");
    if (hosts.size() != 1) {
      return false;
    }
    String requestedHost = hosts.get(0).toLowerCase(Locale.ROOT);
    return isHere(PORT.matcher(requestedHost).replaceFirst(""))
        && all(headers, "Origin", origin -> origin.equals("http://" + requestedHost))
        && (all(headers, "Sec-Fetch-Site", OWN_SITE::contains) || followsLink(headers));
  }

  private static boolean followsLink(Function<String, List<String>> headers) {
    return List.of("navigate").equals(headers.apply("Sec-Fetch-Mode"))
        && List.of("document").equals(headers.apply("Sec-Fetch-Dest"))
        && headers.apply("Origin").isEmpty();
  }

  private boolean isHere(String name) {
    return name.equals("localhost") || name.equals(host) || ADDRESS.matcher(name).matches();
  }

  private static boolean all(
      Function<String, List<String>> headers, String name, Predicate<String> accepted) {
    return headers.apply(name).stream()
        .allMatch(value -> accepted.test(value.toLowerCase(Locale.ROOT)));
  }
}
