package io.flowmeter.streams;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Makes all RocksDB stores of the process share one memory bound, for any number of partitions.
 * Without it, each store would take up to 100 MB.
 *
 * @see <a
 *     href="https://kafka.apache.org/documentation/streams/developer-guide/memory-mgmt.html#rocksdb">Memory
 *     management: RocksDB</a>
 */
public final class StoreMemory implements RocksDBConfigSetter {
  /** Bytes of the block cache and the write buffers together. */
  static final long TOTAL = 128L << 20;

  /** Bytes of the write buffers; part of the total. */
  static final long WRITE_BUFFERS = 64L << 20;

  /** Share of the cache that is reserved for indexes and filters. */
  private static final double INDEXES = 0.2;

  private static final int ANY_SHARDS = -1;
  private static final boolean MAY_EXCEED = false;

  private static final Cache CACHE;
  private static final WriteBufferManager BUFFERS;

  static {
    RocksDB.loadLibrary();
    CACHE = new LRUCache(TOTAL, ANY_SHARDS, MAY_EXCEED, INDEXES);
    BUFFERS = new WriteBufferManager(WRITE_BUFFERS, CACHE);
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    BlockBasedTableConfig tables = (BlockBasedTableConfig) options.tableFormatConfig();
    tables.setBlockCache(CACHE);
    tables.setCacheIndexAndFilterBlocks(true);
    tables.setCacheIndexAndFilterBlocksWithHighPriority(true);
    tables.setPinTopLevelIndexAndFilter(true);
    options.setTableFormatConfig(tables);
    options.setWriteBufferManager(BUFFERS);
  }

  /** Closes nothing: the cache and the buffer manager are shared and outlive the stores. */
  @Override
  public void close(String storeName, Options options) {}
}
