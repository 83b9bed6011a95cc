package io.flowmeter.ingest.leader;

import io.flowmeter.schemas.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The lead among the processes that poll an account: theirs is a consumer group on a topic of one
 * partition, and who owns the partition leads. So it is Kafka that sees who lives: a process that
 * ends hands the lead over at once, one that dies or is cut off loses it within {@link #SESSION},
 * and one that comes later stands by, for the assignment is sticky.
 *
 * <p>A process that does not hear of the group for so long puts the lead down by itself, since
 * another may have it. What it still writes then is fenced by the transactional producer of the
 * other.
 */
public final class LeaderElection implements AutoCloseable {
  /** In real time, as is all that Kafka does inside. */
  static final Duration SESSION = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

  /**
   * After so long without a heartbeat the lead is put down. Longer than the session, for a change
   * in the group, in which none is sent, lasts that long where a member has died.
   */
  private static final Duration CUT_OFF = Duration.ofSeconds(15);

  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  /** A start that takes longer says what it waits for, again and again. */
  private static final Duration DECIDES_WITHIN = Duration.ofMinutes(1);

  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);
  private static final Duration LEAVES_WITHIN = Duration.ofSeconds(1);
  private static final String SINCE_HEARTBEAT = "last-heartbeat-seconds-ago";

  private final String account;
  private final LeaderTask duty;
  private final Consumer<byte[], byte[]> group;
  private final Thread thread;
  private final CompletableFuture<Void> decided = new CompletableFuture<>();
  private volatile boolean closing;
  private volatile boolean stuck;
  private volatile boolean isLeader;
  private volatile boolean inGroup = true;
  private volatile long lookedNanos = System.nanoTime();

  private LeaderElection(Map<String, ?> kafka, String account, LeaderTask duty) {
    this.account = account;
    this.duty = duty;
    this.group =
        new KafkaConsumer<>(
            config(kafka, account), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.thread = new Thread(this::run, "flowmeter-ingest-lead");
    thread.setDaemon(true);
  }

  /**
   * Joins the processes of an account. Returns when it is known whether this one leads, and if so,
   * when its duty has begun.
   *
   * @param kafka settings of every Kafka client; with a {@code group.instance.id} a restart takes
   *     its place of before at once
   * @throws IllegalStateException where there is no such Kafka, or not the topic
   * @throws RuntimeException what the duty threw at its first beginning
   */
  public static LeaderElection join(Map<String, ?> kafka, String account, LeaderTask duty)
      throws InterruptedException {
    LeaderElection election = new LeaderElection(kafka, account, duty);
    try {
      election.requireTopic();
    } catch (RuntimeException e) {
      election.group.close();
      throw e;
    }
    election.thread.start();
    try {
      election.awaitDecided();
      return election;
    } catch (ExecutionException e) {
      election.close();
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      election.close();
      throw e;
    }
  }

  private void awaitDecided() throws InterruptedException, ExecutionException {
    long startNanos = System.nanoTime();
    while (true) {
      try {
        decided.get(DECIDES_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        LOG.atWarn()
            .addKeyValue("event", "backend_unavailable")
            .addKeyValue("part", "Kafka")
            .log(
                "waiting for Kafka: for {} s its group {} has not told who polls, or what was"
                    + " remembered is still read",
                Duration.ofNanos(System.nanoTime() - startNanos).toSeconds(),
                groupOf(account));
      }
    }
  }

  private static String groupOf(String account) {
    return "flowmeter-ingest-" + account;
  }

  private static Map<String, Object> config(Map<String, ?> kafka, String account) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, groupOf(account));
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION.toMillis());
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) HEARTBEAT.toMillis());
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return config;
  }

  private void requireTopic() {
    try {
      if (!group.partitionsFor(Topics.LEAD).isEmpty()) {
        return;
      }
    } catch (KafkaException e) {
      throw new IllegalStateException(
          "expected a Kafka with the topic "
              + Topics.LEAD
              + ", came: "
              + e.getMessage()
              + ": check that its brokers run and that the credentials may read and join groups",
          e);
    }
    throw new IllegalStateException(
        "expected the topic " + Topics.LEAD + ", it is not there: run `flowmeter migrate` first");
  }

  /** Whether this process leads, and does its duty. */
  public boolean isLeader() {
    return isLeader;
  }

  /** Whether Kafka was heard of lately, by the group's heartbeats. */
  public boolean inGroup() {
    return inGroup;
  }

  /** In real time, since it was last seen who leads; the duty's beginning and end take theirs. */
  public Duration sincePoll() {
    return Duration.ofNanos(System.nanoTime() - lookedNanos);
  }

  private void run() {
    try {
      group.subscribe(List.of(Topics.LEAD), new Ownership());
      try {
        while (!closing) {
          group.poll(LOOK);
          poll();
        }
      } finally {
        // Before the group is left, and the lead with it.
        end();
      }
    } catch (WakeupException e) {
      LOG.debug("the lead of account {} is put down", account);
    } catch (InterruptedException | InterruptException e) {
      LOG.debug("interrupted", e);
    } catch (RuntimeException e) {
      if (!decided.completeExceptionally(e)) {
        LOG.error("the lead of account {} cannot be sought any more", account, e);
        duty.failed(e);
      }
    } finally {
      decided.complete(null);
      // Clears the flag, which would end the leaving before it began.
      boolean interrupted = Thread.interrupted();
      group.close(CloseOptions.timeout(LEAVES_WITHIN));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void poll() throws InterruptedException {
    lookedNanos = System.nanoTime();
    inGroup = isInContact();
    boolean ours = !group.assignment().isEmpty() && inGroup;
    if (isLeader && (!ours || stuck)) {
      event(
          Level.WARN,
          "leadership_resigned",
          ours
              ? "another process wrote for account {}; begins anew"
              : "cut off from Kafka: another process may lead account {} by now");
      end();
    }
    if (ours && !isLeader) {
      start();
    }
  }

  private boolean isInContact() {
    return group.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals(SINCE_HEARTBEAT))
        .map(metric -> (Double) metric.getValue().metricValue())
        .allMatch(seconds -> seconds <= CUT_OFF.toSeconds());
  }

  private void start() throws InterruptedException {
    try {
      stuck = false;
      duty.start(() -> stuck = true);
      isLeader = true;
      decided.complete(null);
    } catch (RuntimeException e) {
      if (decided.completeExceptionally(e)) {
        return;
      }
      LOG.warn("leads account {}, but cannot begin, trying again: {}", account, e.toString());
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private void end() {
    if (isLeader) {
      isLeader = false;
      duty.end();
    }
  }

  private void event(Level level, String event, String message) {
    LOG.atLevel(level)
        .addKeyValue("event", event)
        .addKeyValue("account", account)
        .log(message, account);
  }

  /** What Kafka says of who owns the partition. Called within polls. */
  private final class Ownership implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> gained) {
      if (!gained.isEmpty()) {
        event(Level.INFO, "leadership_acquired", "this process leads for account {}");
      } else if (group.assignment().isEmpty() && decided.complete(null)) {
        event(Level.INFO, "standby", "another process polls account {}, this one stands by");
      }
    }

    /** Nobody else has it before this returns. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> given) {
      if (!given.isEmpty()) {
        event(Level.INFO, "leadership_transferred", "hands the lead for account {} over");
        end();
      }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
      event(
          Level.WARN,
          "leadership_lost",
          "lost the lead for account {}, for Kafka did not hear of this process; standing by");
      end();
    }
  }

  /** Ends the duty and hands the lead over. */
  @Override
  public void close() {
    closing = true;
    group.wakeup();
    try {
      thread.join(CLOSE_WITHIN.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
