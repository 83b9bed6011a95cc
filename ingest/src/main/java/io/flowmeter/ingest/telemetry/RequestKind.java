package io.flowmeter.ingest.telemetry;

/** What a source can be asked for. */
public enum RequestKind {
  /** A page of the list of workflows. */
  WORKFLOWS,
  /** One workflow, with its counts. */
  WORKFLOW,
  /** A page of a list of instances. */
  INSTANCES,
  /** An instance's detail. */
  INSTANCE,
  /** A page of the list of versions, or one of them. */
  VERSIONS
}
