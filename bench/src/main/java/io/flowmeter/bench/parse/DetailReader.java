package io.flowmeter.bench.parse;

import io.flowmeter.schemas.observation.Step;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Reads the steps of a response with a detail. */
interface DetailReader extends AutoCloseable {
  List<Step> read(InputStream body) throws IOException, InterruptedException;

  @Override
  default void close() {}

  /** The ways to read, by the names that figures and child processes know them by. */
  enum Way {
    FLOWMETER,
    TREE;

    DetailReader reader() {
      return this == TREE ? new TreeReader() : new FlowmeterReader();
    }
  }
}
