package io.flowmeter.dev.torture;

import java.time.Duration;
import java.util.Locale;

/** How ClickHouse is broken, and mended again. */
enum ClickHouseFault {
  /** It dies in the middle of whatever it does, and is there again at once. */
  KILLED {
    @Override
    void begin(TorturedClickHouse server) {
      server.kill();
      server.start();
    }
  },
  /** It dies, and stays away. */
  AWAY {
    @Override
    void begin(TorturedClickHouse server) {
      server.kill();
    }

    @Override
    void end(TorturedClickHouse server) {
      server.start();
    }
  },
  /** Nothing comes from it, though connections stay open. */
  SILENT {
    @Override
    void begin(TorturedClickHouse server) {
      server.network().silent(true);
    }

    @Override
    void end(TorturedClickHouse server) {
      server.network().silent(false);
      // What was swallowed is never answered.
      server.network().unavailable(true);
      server.network().unavailable(false);
    }
  },
  /** All that comes and goes takes its time. */
  SLOW {
    @Override
    void begin(TorturedClickHouse server) {
      server.network().slow(SLOWLY);
    }

    @Override
    void end(TorturedClickHouse server) {
      server.network().slow(Duration.ZERO);
    }
  },
  /** It applies inserts, and nobody hears of it. */
  ANSWERS_LOST {
    @Override
    void begin(TorturedClickHouse server) {
      server.network().cutResponses(Integer.MAX_VALUE);
    }

    @Override
    void end(TorturedClickHouse server) {
      server.network().cutResponses(0);
    }
  },
  /** There is no room for what is to be written. */
  DISK_FULL {
    @Override
    void begin(TorturedClickHouse server) {
      server.kill();
      server.startOnFullDisk();
    }

    @Override
    void end(TorturedClickHouse server) {
      server.kill();
      server.start();
    }
  },
  /** It refuses to write. */
  READ_ONLY {
    @Override
    void begin(TorturedClickHouse server) {
      server.kill();
      server.startReadOnly();
    }

    @Override
    void end(TorturedClickHouse server) {
      server.kill();
      server.start();
    }
  };

  private static final Duration SLOWLY = Duration.ofMillis(400);

  /** Breaks it. */
  abstract void begin(TorturedClickHouse server);

  /** Mends it. */
  void end(TorturedClickHouse server) {}

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
