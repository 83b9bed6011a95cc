package io.flowmeter.ingest.source;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Hosts that never leave this machine, by their text: a name that resolves to one today may not
 * tomorrow. Names below {@code localhost} are asked of the network on many machines.
 */
final class LoopbackHosts {
  private static final Pattern IPV4 = Pattern.compile("127(\\.\\d{1,3}){3}");

  private LoopbackHosts() {}

  static boolean is(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals("[::1]") || IPV4.matcher(name).matches();
  }
}
