package io.flowmeter.streams.state;

/**
 * What was added to rollups by one change of a run of the workflow.
 *
 * @param part the name of the parts that it opens
 * @param difference what is added; negative where something is taken back
 */
public record PendingRollup(
    String accountId, String workflow, long part, Contributions difference) {}
