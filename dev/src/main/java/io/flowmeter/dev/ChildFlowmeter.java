package io.flowmeter.dev;

import io.flowmeter.cli.Flowmeter;
import java.io.IOException;

/**
 * {@code flowmeter COMMAND …} as a child that ends at once when its parent has ended, however that
 * came about. Its standard input is a pipe to the parent, through which nothing comes but its end.
 */
public final class ChildFlowmeter {
  private ChildFlowmeter() {}

  /** Ends the process with the command's exit code, or with 1 where the parent ended before. */
  public static void main(String[] args) {
    Thread watch = new Thread(ChildFlowmeter::endWithParent, "flowmeter-parent");
    watch.setDaemon(true);
    watch.start();
    Flowmeter.main(args);
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is said.
      }
    } catch (IOException e) {
      System.err.println("flowmeter: the pipe to the parent cannot be read: " + e);
    }
    Runtime.getRuntime().halt(Flowmeter.FAILED);
  }
}
