package io.flowmeter.cli.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * Where log lines go, and how they are written. An event that matters has the key {@code event}
 * with its name, and fields beside it: see docs/operations.md. Times in them are UTC. Values of
 * secrets, should any library write one, are masked.
 */
public final class Logs {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level [%thread] %logger{30} - %msg%n%rEx";
  private static final String MASK = "********";
  private static final String OURS = "io.flowmeter";
  private static final FileSize SIZE = FileSize.valueOf("10MB");

  /** What tells much and says little: settings dumped at every start, the broker's daily round. */
  private static final Map<String, Level> LEVELS =
      Map.of(
          "kafka", Level.WARN,
          "state.change.logger", Level.WARN,
          "org.apache.kafka", Level.WARN,
          "org.apache.kafka.streams.KafkaStreams", Level.INFO,
          // Each dead letter once more, with its stack, beside the line that we tell.
          "org.apache.kafka.streams.errors", Level.ERROR,
          "com.clickhouse", Level.WARN,
          "org.apache.avro", Level.WARN,
          // Each request that fails, with its stack, beside the exception that we tell.
          "org.apache.flink.avro.registry", Level.OFF);

  /** Say several times a second that a server is away. What that means for us, we say. */
  private static final Set<String> TALKATIVE =
      Set.of(
          "org.apache.kafka.clients.NetworkClient",
          "com.clickhouse.client.api.Client",
          "com.clickhouse.client.api.transport.ClientNodeSelector");

  private Logs() {}

  /** Everything into a file, five of 10 MB each; our own warnings to the narrator as well. */
  public static void toFile(
      Path file, ProgressListener progress, LogFormat format, Collection<String> secrets) {
    LoggerContext context = fresh(Level.INFO);
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setFile(file.toString());
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(4);
    rolling.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(SIZE);
    trigger.start();
    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(trigger);
    appender.setEncoder(encoder(context, format, secrets));
    appender.start();
    root(context).addAppender(appender);
    add(context.getLogger(OURS), new ToNarrator(progress, List.copyOf(secrets)), context);
  }

  /** Everything to standard error, as services do. */
  public static void toStandardError(LogFormat format, Collection<String> secrets) {
    LoggerContext context = fresh(Level.INFO);
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder(context, format, secrets));
    appender.start();
    root(context).addAppender(appender);
  }

  /** Our own warnings to the narrator, nothing else. */
  public static void toNarrator(ProgressListener progress) {
    LoggerContext context = fresh(Level.OFF);
    context.getLogger(OURS).setLevel(Level.WARN);
    add(context.getLogger(OURS), new ToNarrator(progress, List.of()), context);
  }

  private static LoggerContext fresh(Level level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    root(context).setLevel(level);
    context.addTurboFilter(new LogThrottle(TALKATIVE, System::nanoTime));
    if (level != Level.OFF) {
      LEVELS.forEach((name, its) -> context.getLogger(name).setLevel(its));
    }
    return context;
  }

  private static Logger root(LoggerContext context) {
    return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private static void add(Logger logger, Appender<ILoggingEvent> appender, LoggerContext context) {
    appender.setContext(context);
    appender.start();
    logger.addAppender(appender);
  }

  private static Encoder<ILoggingEvent> encoder(
      LoggerContext context, LogFormat format, Collection<String> secrets) {
    Encoder<ILoggingEvent> encoder =
        switch (format) {
          case TEXT -> new Masking(List.copyOf(secrets));
          case JSON -> new JsonLines(secrets);
        };
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  static String masked(String text, List<String> secrets) {
    String masked = text;
    for (String secret : secrets) {
      masked = masked.replace(secret, MASK);
    }
    return masked;
  }

  private static final class Masking extends PatternLayoutEncoder {
    private final List<String> secrets;

    Masking(List<String> secrets) {
      this.secrets = secrets;
      setPattern(PATTERN);
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
      return masked(getLayout().doLayout(event), secrets).getBytes(StandardCharsets.UTF_8);
    }
  }

  private static final class ToNarrator extends AppenderBase<ILoggingEvent> {
    private final ProgressListener progress;
    private final List<String> secrets;

    ToNarrator(ProgressListener progress, List<String> secrets) {
      this.progress = progress;
      this.secrets = secrets;
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel().isGreaterOrEqual(Level.WARN) && !endsTheCommand(event)) {
        progress.warn(masked(event.getFormattedMessage(), secrets));
      }
    }

    /** What a command says last anyway. */
    private static boolean endsTheCommand(ILoggingEvent event) {
      return event.getKeyValuePairs() != null
          && event.getKeyValuePairs().contains(new KeyValuePair("event", "failed"));
    }
  }
}
