package io.flowmeter.verify.expected;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rows of {@code error_groups}, and what names a group. */
public final class ErrorGroups {

  private static final Comparator<Row> BY_END =
      Comparator.comparing((Row run) -> run.number("ended_at"))
          .thenComparing(run -> run.text("instance_id"));

  private ErrorGroups() {}

  /**
   * Name of the group: the beginning of a SHA-256 of what its errors have in common.
   *
   * @param step empty where none failed
   */
  static String name(String account, String workflow, String step, ReportedError error) {
    String common = String.join("\0", account, workflow, step, error.name(), pattern(error)) + '\0';
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(common.getBytes(StandardCharsets.UTF_8));
      return "%064x".formatted(new BigInteger(1, hash)).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String pattern(ReportedError error) {
    return Folding.of(error.message());
  }

  /**
   * The groups of runs that are over.
   *
   * @param instances rows of that relation
   */
  public static List<Row> of(List<Row> instances) {
    Map<List<Object>, List<Row>> groups =
        instances.stream()
            .filter(run -> run.has("error_group") && run.has("ended_at"))
            .filter(run -> !run.text("end_kind").isEmpty())
            .collect(
                Collectors.groupingBy(
                    run -> run.key(Relation.ERROR_GROUPS),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return groups.values().stream().map(ErrorGroups::row).toList();
  }

  private static Row row(List<Row> runs) {
    Row last = runs.stream().max(BY_END).orElseThrow();
    Set<String> versions = new TreeSet<>();
    long count = 0;
    for (Row run : runs) {
      versions.add(run.text("version_id"));
      // A superseded run weighs nothing, but it had the error.
      count += Math.max(1, run.number("weight"));
    }
    return new Row()
        .with("account_id", last.get("account_id"))
        .with("error_group", last.get("error_group"))
        .with("workflow", last.get("workflow"))
        .with("step", last.get("failed_step"))
        .with("error_name", last.get("error_name"))
        .with("message_pattern", Folding.of(last.text("error_message")))
        .with("first_seen", runs.stream().min(BY_END).orElseThrow().get("ended_at"))
        .with("last_seen", last.get("ended_at"))
        .with("runs", count)
        .with("versions", List.copyOf(versions))
        .with("sample_instance_id", last.get("instance_id"));
  }
}
