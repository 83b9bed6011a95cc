package io.flowmeter.ingest.observe;

/**
 * Names an instance. As text it is the key of observations and checkpoints, and by its hash their
 * partition.
 *
 * @param id empty for the workflow itself; one that begins with a space is no instance's
 */
public record InstanceKey(String account, String workflow, String id) {

  public static InstanceKey ofWorkflow(String account, String workflow) {
    return new InstanceKey(account, workflow, "");
  }

  /** Under which it is remembered which steps the workflow has shown. */
  public InstanceKey ofSteps() {
    return new InstanceKey(account, workflow, " steps");
  }

  /** Under which it is remembered which ends of its runs were told. */
  InstanceKey ofEnds(long block) {
    return new InstanceKey(account, workflow, " ends " + block);
  }

  @Override
  public String toString() {
    return account + "/" + workflow + "/" + id;
  }
}
