package io.flowmeter.cli;

import java.util.List;
import java.util.ServiceLoader;

/**
 * Commands that try Flowmeter out or examine it. Serving an account needs none of them, so they are
 * in jars of their own, which {@link ServiceLoader} finds if they are on the class path.
 */
public interface ToolCommands {
  /** Their names, known without the jars. */
  List<String> NAMES = List.of("up", "simulate", "verify", "torture", "bench");

  /** The commands, annotated for picocli. */
  List<Object> of(Invocation invocation);

  /** Whether the failure's message says all that helps, so that no stack trace is printed. */
  boolean explains(Exception failure);

  /** Those on the class path. */
  static List<ToolCommands> found() {
    return ServiceLoader.load(ToolCommands.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }
}
