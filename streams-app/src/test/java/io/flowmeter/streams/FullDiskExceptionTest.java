package io.flowmeter.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;

class FullDiskExceptionTest {
  private static final Path STORES = Path.of("/data/streams/flowmeter-streams");

  @Test
  void fullDiskIsNamedWithWhatToDo() {
    Throwable failure =
        new ProcessorStateException(
            "Error opening store ended",
            new RocksDBException("IO error: No space left on device: While appending to file"));

    assertThat(FullDiskException.explained(failure, STORES))
        .isInstanceOf(FullDiskException.class)
        .hasCause(failure)
        .hasMessageContaining("the disk of /data/streams/flowmeter-streams is full")
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("Free space");
  }

  @Test
  void otherFailureIsUnchanged() {
    Throwable failure = new ProcessorStateException("gone", new IOException("Input/output error"));

    assertThat(FullDiskException.explained(failure, STORES)).isSameAs(failure);
  }
}
