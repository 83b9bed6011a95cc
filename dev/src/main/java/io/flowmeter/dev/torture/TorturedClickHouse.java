package io.flowmeter.dev.torture;

import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.embedded.FaultyNetwork;
import io.flowmeter.verify.relation.RelationReader;
import java.net.URI;
import java.nio.file.Path;

/**
 * ClickHouse behind a network, both of which can be broken. The product knows the network's end
 * alone; what it comes to is read from the server itself.
 */
final class TorturedClickHouse implements AutoCloseable {
  private final Path directory;
  private final ClickHouseUsers users;
  private final int port;
  private final FaultyNetwork network;
  private EmbeddedClickHouse server;

  TorturedClickHouse(Path directory, ClickHouseUsers users) {
    this.directory = directory;
    this.users = users;
    this.server = EmbeddedClickHouse.start(directory, 0, users);
    this.port = server.port();
    this.network = FaultyNetwork.before(server.httpUrl());
  }

  /** What the product is told. */
  URI url() {
    return network.url();
  }

  FaultyNetwork network() {
    return network;
  }

  /** Reads the relations as anyone may. */
  RelationReader reader() {
    return new RelationReader(server.httpUrl(), users.readerPassword());
  }

  /** Kills it as {@code kill -9} does. */
  void kill() {
    server.kill();
  }

  /** Starts it on its data, where it was. */
  void start() {
    started(EmbeddedClickHouse.start(directory, port, users));
  }

  /** Starts it so that nothing can be written. */
  void startReadOnly() {
    started(EmbeddedClickHouse.start(directory, port, users.readOnly()));
  }

  /** Starts it so that its disk has no room. */
  void startOnFullDisk() {
    started(EmbeddedClickHouse.startOnFullDisk(directory, port, users));
  }

  private void started(EmbeddedClickHouse now) {
    server = now;
    if (server.port() != port) {
      throw new IllegalStateException("another process took ClickHouse's port " + port);
    }
  }

  @Override
  public void close() {
    network.close();
    server.close();
  }
}
