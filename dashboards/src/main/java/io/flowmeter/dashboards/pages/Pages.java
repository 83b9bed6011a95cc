package io.flowmeter.dashboards.pages;

import java.util.List;

/** All dashboards, in the order in which people come to them. */
public final class Pages {

  private Pages() {}

  public static List<DashboardBuilder> all() {
    List<DashboardBuilder> dashboards =
        List.of(
            OverviewPage.page(),
            WorkflowPage.page(),
            StepPage.page(),
            InstancePage.page(),
            ErrorsPage.page(),
            HealthPage.page());
    dashboards.forEach(dashboard -> dashboard.linkingTo(dashboards));
    return dashboards;
  }
}
