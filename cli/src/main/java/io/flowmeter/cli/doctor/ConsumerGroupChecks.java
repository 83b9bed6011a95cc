package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.health.Lag;
import io.flowmeter.streams.writer.ClickHouseWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;

/** Who polls, derives and writes, as Kafka sees it, and how far behind they are. */
final class ConsumerGroupChecks {
  private static final String LEADS = "flowmeter-ingest-";

  /** About a minute of a busy topology on two cores. */
  private static final long MANY = 100_000;

  private final Admin admin;
  private final Map<String, ConsumerGroupDescription> groups;

  private ConsumerGroupChecks(Admin admin, String application)
      throws ExecutionException, TimeoutException, InterruptedException {
    this.admin = admin;
    List<String> ours =
        admin.listGroups().all().get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS).stream()
            .map(GroupListing::groupId)
            .filter(
                name ->
                    name.startsWith(LEADS)
                        || name.equals(application)
                        || name.equals(ClickHouseWriter.GROUP))
            .toList();
    this.groups =
        new TreeMap<>(
            admin
                .describeConsumerGroups(ours)
                .all()
                .get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
  }

  /**
   * Looks at the groups.
   *
   * @param accounts that are to be polled
   * @param application the topology's id in the generation in force
   */
  static List<Finding> of(Admin admin, List<String> accounts, String application)
      throws ExecutionException, TimeoutException, InterruptedException {
    ConsumerGroupChecks looked = new ConsumerGroupChecks(admin, application);
    List<Finding> found = new ArrayList<>(looked.leaders(accounts));
    found.add(
        looked.worker(
            "topology", application, Lag.ofTopology(admin, application), "derives facts"));
    found.add(
        looked.worker(
            "writer", ClickHouseWriter.GROUP, Lag.ofWriter(looked.admin), "writes to ClickHouse"));
    return found;
  }

  private List<Finding> leaders(List<String> accounts) {
    List<Finding> found = new ArrayList<>();
    groups.forEach(
        (name, group) -> {
          if (name.startsWith(LEADS)) {
            found.add(leader(name.substring(LEADS.length()), group));
          }
        });
    for (String account : accounts) {
      if (!groups.containsKey(LEADS + account)) {
        found.add(
            absent("poller of " + account, "nobody has polled it yet; start flowmeter ingest"));
      }
    }
    return found;
  }

  private static Finding leader(String account, ConsumerGroupDescription group) {
    String subject = "poller of " + account;
    long leading =
        group.members().stream()
            .filter(member -> !member.assignment().topicPartitions().isEmpty())
            .count();
    if (group.members().isEmpty()) {
      return wrong(
          subject,
          "no process polls it: what happens now is seen late, and lost where the API forgets it first",
          "Start flowmeter ingest or up; if the account is no more to be polled, delete group "
              + LEADS
              + account);
    }
    if (leading == 0) {
      return wrong(
          subject,
          "%d process(es) are there and none leads".formatted(group.members().size()),
          "It passes within 10 s where one of them has just died; else look into their logs");
    }
    return fine(subject, "one leads, %d stand by".formatted(group.members().size() - leading));
  }

  private Finding worker(String subject, String name, Lag lag, String does) {
    boolean nobody = !groups.containsKey(name) || groups.get(name).members().isEmpty();
    // A transaction's marker is an offset, too.
    boolean waits = lag.worst() > 1;
    if (nobody && waits) {
      return wrong(
          subject,
          "nobody %s, and %,d records wait".formatted(does, lag.total()),
          "Start flowmeter stream or up");
    }
    if (nobody) {
      return absent(subject, "nobody %s, and nothing waits".formatted(does));
    }
    if (lag.total() > MANY) {
      return wrong(
          subject,
          "%,d records behind".formatted(lag.total()),
          "Ask again: where it falls, wait; else start more of flowmeter stream, as many as there are partitions, and look at /ready and the log of those that run");
    }
    return fine(
        subject,
        "%d in the group, %,d records behind"
            .formatted(groups.get(name).members().size(), lag.total()));
  }
}
