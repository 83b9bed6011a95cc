package io.flowmeter.sql;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ClientFaultCause;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.metadata.TableSchema;
import com.clickhouse.data.ClickHouseColumn;
import com.clickhouse.data.ClickHouseFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Brings blocks of rows that are encoded already into tables, over connections that are kept open.
 * A block is one request, which ClickHouse has applied when {@link #insert} returns. No call takes
 * longer than it was given, whatever the network does. For any number of threads.
 */
public final class BlockInserts implements AutoCloseable {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  /** Writes the rows into the request; a second time, should the first request have failed. */
  public interface Rows {
    void writeTo(OutputStream out) throws IOException;
  }

  private final List<Supplier<Client>> clients;
  private final List<Client> servers = new CopyOnWriteArrayList<>();
  private final AtomicInteger current = new AtomicInteger();
  private final InsertSettings settings;
  private final Duration deadline;
  private final ScheduledThreadPoolExecutor deadlines;

  private BlockInserts(ClickHouseEndpoint endpoint, int connections, Duration within) {
    settings =
        new InsertSettings()
            // Since 26.2 servers gather small inserts by default: an acknowledged row would not be
            // visible yet, or, by another setting, not even kept.
            .serverSetting("async_insert", "0")
            // Rows are upserts: a block that looks like an earlier one is to be written all the
            // same.
            .serverSetting("insert_deduplicate", "0")
            .serverSetting("max_execution_time", Long.toString(Math.max(1, within.toSeconds())));
    deadline = CONNECT_WITHIN.plus(within);
    deadlines =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "flowmeter-insert-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    deadlines.setRemoveOnCancelPolicy(true);
    clients =
        endpoint.urls().stream()
            .<Supplier<Client>>map(url -> () -> client(endpoint, url, connections, within))
            .toList();
    clients.forEach(made -> servers.add(made.get()));
  }

  private static Client client(
      ClickHouseEndpoint endpoint, String url, int connections, Duration within) {
    return new Client.Builder()
        .addEndpoint(url)
        .setUsername(endpoint.user())
        .setPassword(endpoint.password())
        .setDefaultDatabase(ClickHouseEndpoint.DATABASE)
        .compressClientRequest(true)
        .setOptions(endpoint.options())
        .setMaxConnections(connections)
        .setConnectTimeout(CONNECT_WITHIN.toMillis(), ChronoUnit.MILLIS)
        .setConnectionRequestTimeout(within.toMillis(), ChronoUnit.MILLIS)
        .setSocketTimeout(within.toMillis(), ChronoUnit.MILLIS)
        // Whoever calls knows better when to try again.
        .retryOnFailures(ClientFaultCause.None)
        .setMaxRetries(0)
        .build();
  }

  /**
   * Connects when first used.
   *
   * @param connections at the same time, to one server
   * @param within how long a server may be silent before a call fails; as a whole it may take 5 s
   *     more, in which it connects
   */
  public static BlockInserts into(ClickHouseEndpoint endpoint, int connections, Duration within) {
    return new BlockInserts(endpoint, connections, within);
  }

  /** The table's columns in their order, with their types as ClickHouse writes them. */
  public Map<String, String> columns(String table) throws SQLException {
    TableSchema schema = execute(client -> client.getTableSchema(table));
    Map<String, String> columns = new LinkedHashMap<>();
    for (ClickHouseColumn column : schema.getColumns()) {
      columns.put(column.getColumnName(), column.getOriginalTypeName());
    }
    return columns;
  }

  /**
   * Inserts rows in the format RowBinaryWithNamesAndTypes, of which the names must be {@code
   * columns}. When it fails, the rows may be there all the same.
   *
   * @throws SQLException with ClickHouse's code where it refused the rows, with 0 where the server
   *     could not be reached or said nothing in time; the next call then goes to the next server
   */
  public void insert(String table, List<String> columns, Rows rows) throws SQLException {
    execute(
        client -> {
          try (InsertResponse response =
              client
                  .insert(
                      table,
                      columns,
                      rows::writeTo,
                      ClickHouseFormat.RowBinaryWithNamesAndTypes,
                      settings)
                  .get()) {
            return response.getWrittenRows();
          }
        });
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
    servers.forEach(Client::close);
  }

  private interface Call<T> {
    T of(Client client) throws Exception;
  }

  private <T> T execute(Call<T> call) throws SQLException {
    int server = current.get();
    Client client = servers.get(server);
    AtomicBoolean late = new AtomicBoolean();
    Future<?> watch =
        deadlines.schedule(
            () -> {
              late.set(true);
              giveUp(server, client);
            },
            deadline.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      return call.of(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while ClickHouse was asked", e);
    } catch (Exception e) {
      current.compareAndSet(server, (server + 1) % servers.size());
      Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
      String what =
          late.get()
              ? "ClickHouse was not done with a request within %d s".formatted(deadline.toSeconds())
              : cause.getMessage();
      throw new SQLException(what, null, code(cause), cause);
    } finally {
      watch.cancel(false);
    }
  }

  /**
   * Time-outs of a socket are of what is read from it. A server that stops to read keeps whoever
   * writes, and nothing but the end of the connection ends that.
   */
  private synchronized void giveUp(int server, Client client) {
    if (servers.get(server) == client) {
      servers.set(server, clients.get(server).get());
      client.close();
    }
  }

  private static int code(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof ServerException server) {
        return server.getCode();
      }
    }
    return 0;
  }
}
