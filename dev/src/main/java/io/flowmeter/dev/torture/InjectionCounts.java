package io.flowmeter.dev.torture;

import io.flowmeter.failpoint.Failpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The faults that were injected so far. */
public final class InjectionCounts {
  private final Map<Failpoint, Integer> failpoints = new EnumMap<>(Failpoint.class);
  private final Map<String, Integer> kills = new TreeMap<>();
  private final Map<String, Integer> gaveUp = new TreeMap<>();
  private final Map<String, Integer> faults = new TreeMap<>();

  /** A process ended at a failpoint. */
  void failpoint(Failpoint point) {
    failpoints.merge(point, 1, Integer::sum);
  }

  /** A process was killed at some moment. */
  void kill(String process) {
    kills.merge(process, 1, Integer::sum);
  }

  /** A process ended by itself because something was away, and has to be started again. */
  void gaveUp(String process) {
    gaveUp.merge(process, 1, Integer::sum);
  }

  /** Something was broken for a while, or a process paused. */
  void fault(String what) {
    faults.merge(what, 1, Integer::sum);
  }

  /** Something went wrong so often in all. */
  void faults(String what, int times) {
    faults.put(what, times);
  }

  /** How often a process ended at this failpoint. */
  public int at(Failpoint point) {
    return failpoints.getOrDefault(point, 0);
  }

  /** How many processes were killed, by themselves at failpoints and by others. */
  public int total() {
    return failpoints.values().stream().mapToInt(Integer::intValue).sum()
        + kills.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** How often each failpoint of a command ended a process, at least. */
  public int least(Failpoint.Command command) {
    return Failpoint.of(command).stream().mapToInt(this::at).min().orElse(0);
  }

  /** A line for each kind of fault, those that did not come included. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(row("fault injected", "times"));
    Arrays.stream(Failpoint.values())
        .forEach(point -> lines.add(row(point.word(), String.valueOf(at(point)))));
    kills.forEach((process, times) -> lines.add(row("kill -9 " + process, times.toString())));
    faults.forEach((what, times) -> lines.add(row(what, times.toString())));
    gaveUp.forEach((process, times) -> lines.add(row(process + " gave up", times.toString())));
    lines.add(row("killed in all", String.valueOf(total())));
    return lines;
  }

  private static String row(String fault, String times) {
    return String.format(Locale.ROOT, "%-30s %6s", fault, times);
  }
}
