package io.flowmeter.ingest.observe;

import static io.flowmeter.ingest.observe.Seen.at;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An instance of which rows and details are seen, what is remembered of it, and what is told. */
abstract class SeenInstance {
  static final InstanceKey KEY = new InstanceKey("acc", "orders", "order-1");
  static final long FIRST_RUN = Seen.CREATED.toEpochMilli();

  TrackedInstance tracked = TrackedInstance.NONE;
  final List<Observation> published = new ArrayList<>();

  void see(ApiResponse<ListedInstance> row, ApiResponse<InstanceDetail> detail) {
    take(ChangeDetection.detail(KEY, tracked, Optional.of(row), detail));
  }

  void see(ApiResponse<ListedInstance> row) {
    take(ChangeDetection.row(KEY, tracked, row));
  }

  void take(Change change) {
    published.clear();
    published.addAll(change.observations());
    // What outlasts a restart must be all that matters, but for when it was looked at.
    tracked = TrackedInstance.of(change.tracked().toCheckpoint(KEY)).polledAt(at(0));
    tracked = change.tracked().polledAt().map(tracked::polledAt).orElse(tracked);
  }

  List<String> toldWords() {
    return published.stream()
        .map(
            observation -> {
              long run = observation.getRun() - FIRST_RUN;
              if (observation.getRow() != null) {
                return run + " row " + observation.getRow().getStatus();
              }
              if (observation.getVanished() != null) {
                return run + " vanished";
              }
              DetailPart detail = observation.getDetail();
              return run
                  + (detail.getWhole() ? " whole " : " live ")
                  + detail.getStatus()
                  + detail.getSteps().stream().map(Step::getStepIndex).toList();
            })
        .toList();
  }
}
