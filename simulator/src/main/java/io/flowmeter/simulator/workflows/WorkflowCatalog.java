package io.flowmeter.simulator.workflows;

import static io.flowmeter.simulator.model.TriggerSource.API;
import static io.flowmeter.simulator.model.TriggerSource.BINDING;
import static io.flowmeter.simulator.model.TriggerSource.CRON;
import static io.flowmeter.simulator.model.TriggerSource.EVENT;

import io.flowmeter.simulator.fleet.LifetimeProfile;
import io.flowmeter.simulator.fleet.WorkflowModel;
import io.flowmeter.simulator.fleet.WorkflowModel.IdStyle;
import io.flowmeter.simulator.fleet.WorkflowModel.Interventions;
import io.flowmeter.simulator.fleet.WorkflowModel.Queue;
import io.flowmeter.simulator.fleet.WorkflowModel.Rhythm;
import java.util.List;

/** The workflows of the simulated account. */
public final class WorkflowCatalog {
  /** The workflow that sleeps longest: a tenth of the traffic where lives are mixed. */
  private static final String SLEEPER = "user-onboarding";

  private WorkflowCatalog() {}

  /**
   * All of them; the shares of traffic add up to 1. Where lives are long, nine in ten are of the
   * workflow that sleeps.
   */
  public static List<WorkflowModel> of(LifetimeProfile lifetime) {
    return lifetime == LifetimeProfile.LONG
        ? all().stream().map(WorkflowCatalog::amongSleepers).toList()
        : all();
  }

  private static WorkflowModel amongSleepers(WorkflowModel model) {
    if (!(model.rhythm() instanceof Rhythm.Share usual)) {
      return model;
    }
    boolean sleeps = model.name().equals(SLEEPER);
    return model.withShare(sleeps ? 0.9 : usual.share() / 9);
  }

  /** All of them, as they share the traffic where lives are mixed. */
  public static List<WorkflowModel> all() {
    return List.of(
        new WorkflowModel(
            "order-fulfilment",
            "OrderFulfilment",
            "shop",
            new Rhythm.Share(0.25),
            List.of(API, BINDING),
            IdStyle.BUSINESS_KEY,
            new Queue(40, 1),
            new Interventions(0.02, 0.02, 0.02, 0.02),
            true,
            new OrderFulfilment()),
        new WorkflowModel(
            "media-transcode",
            "MediaTranscode",
            "media",
            new Rhythm.Share(0.12),
            List.of(EVENT),
            IdStyle.UUID,
            new Queue(2_500, 1.2),
            new Interventions(0.04, 0.03, 0.01, 0.02),
            true,
            new MediaTranscode()),
        new WorkflowModel(
            "invoice-billing",
            "InvoiceBilling",
            "billing",
            new Rhythm.Share(0.13),
            List.of(BINDING),
            IdStyle.BUSINESS_KEY,
            new Queue(20, 0.8),
            new Interventions(0.01, 0.01, 0.06, 0.05),
            false,
            new InvoiceBilling()),
        new WorkflowModel(
            SLEEPER,
            "UserOnboarding",
            "accounts",
            new Rhythm.Share(0.10),
            List.of(API),
            IdStyle.UUID,
            new Queue(15, 0.7),
            new Interventions(0.08, 0.04, 0.01, 0.01),
            true,
            new UserOnboarding()),
        new WorkflowModel(
            "nightly-report",
            "NightlyReport",
            "reporting",
            new Rhythm.Cron("*/2 0-23/1 * * MON-FRI#2,L", 2),
            List.of(CRON),
            IdStyle.CRON,
            new Queue(200, 1),
            new Interventions(0.01, 0, 0.05, 0.04),
            false,
            new NightlyReport()),
        new WorkflowModel(
            "webhook-relay",
            "WebhookRelay",
            "edge",
            new Rhythm.Share(0.35),
            List.of(EVENT, BINDING, API),
            IdStyle.UUID,
            new Queue(5, 1),
            new Interventions(0.005, 0, 0.01, 0.005),
            false,
            new WebhookRelay()),
        new WorkflowModel(
            "inventory-sync",
            "InventorySync",
            "shop",
            new Rhythm.Share(0.05),
            List.of(BINDING, API),
            IdStyle.BUSINESS_KEY,
            new Queue(60, 1),
            new Interventions(0.05, 0.25, 0.04, 0.03),
            true,
            new InventorySync()));
  }
}
