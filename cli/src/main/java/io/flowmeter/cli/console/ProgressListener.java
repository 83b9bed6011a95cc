package io.flowmeter.cli.console;

/** Someone who is told, in whole lines, what happens. */
public interface ProgressListener {
  /** Nobody. */
  ProgressListener SILENT =
      new ProgressListener() {
        @Override
        public void onProgress(String line) {}

        @Override
        public void warn(String line) {}
      };

  void onProgress(String line);

  /** What is going on just now, until the next such line. */
  default void live(String line) {}

  /** Something to look at, though the work goes on. */
  void warn(String line);
}
