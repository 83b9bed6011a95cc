package io.flowmeter.dashboards.pages;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The way from a value to the page that tells more of it. Time range, account and data source go
 * along.
 *
 * @param title says where it leads
 * @param path of the page, with the variables that it is to show
 */
record Link(String title, String path) {

  private static final String KEPT =
      "?${datasource:queryparam}&${account:queryparam}&${__url_time_range}";

  /** To a page, with variables as they are written in a URL. */
  static Link to(String uid, String title, String... variables) {
    return new Link(title, "/d/" + uid + KEPT + "&" + String.join("&", variables));
  }

  /** To the workflow that the row's column names. */
  static Link workflow() {
    return to(WorkflowPage.UID, "Workflow ${__value.text}", field("workflow", "workflow"));
  }

  /** To the step that the row's columns {@code workflow} and {@code step} name. */
  static Link step() {
    return stepOf("step");
  }

  /** To the step that the row's columns {@code workflow} and {@code column} name. */
  static Link stepOf(String column) {
    return to(
        StepPage.UID, "Step ${__value.text}", field("workflow", "workflow"), field("step", column));
  }

  /** To that step, with the versions that the page itself shows. */
  static Link stepOfVersions() {
    Link step = step();
    return new Link(step.title(), step.path() + "&${version:queryparam}");
  }

  /** To the step of the one version that the row's column {@code version_id} names. */
  static Link stepOfVersion() {
    return new Link("This version alone", step().path() + "&" + field("version", "version_id"));
  }

  /**
   * To the run that the row's columns {@code workflow}, {@code column} and {@code run_id} name: an
   * instance that was restarted has several, of which its dashboard shows the newest by default.
   */
  static Link run(String column) {
    Link instance = instance(column);
    return new Link(instance.title(), instance.path() + "&" + field("run", "run_id"));
  }

  /** To the instance that the row's columns {@code workflow} and {@code column} name. */
  static Link instance(String column) {
    return to(
        InstancePage.UID,
        "What instance ${__value.text} did",
        field("workflow", "workflow"),
        field("instance", column));
  }

  private static String field(String variable, String column) {
    return "var-" + variable + "=${__data.fields." + column + ":percentencode}";
  }

  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("title", title)
        .put("url", path)
        .put("targetBlank", false);
  }
}
