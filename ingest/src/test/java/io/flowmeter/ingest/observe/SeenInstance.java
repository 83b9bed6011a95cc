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

/** Feeds list rows and details of one instance to change detection. Keeps its state and output. */
abstract class SeenInstance {
  static final InstanceKey KEY = new InstanceKey("acc", "orders", "order-1");
  static final long FIRST_RUN = Seen.CREATED.toEpochMilli();

  TrackedInstance tracked = TrackedInstance.NONE;
  final List<Observation> published = new ArrayList<>();

  void see(ApiResponse<ListedInstance> row, ApiResponse<InstanceDetail> detail) {
    apply(ChangeDetection.detail(KEY, tracked, Optional.of(row), detail));
  }

  void see(ApiResponse<ListedInstance> row) {
    apply(ChangeDetection.row(KEY, tracked, row));
  }

  void apply(Change change) {
    published.clear();
    published.addAll(change.observations());
    // The checkpoint must hold all state that matters, except the time of the last poll.
    tracked = TrackedInstance.of(change.tracked().toCheckpoint(KEY)).polledAt(at(0));
    tracked = change.tracked().polledAt().map(tracked::polledAt).orElse(tracked);
  }

  List<String> publishedTexts() {
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
