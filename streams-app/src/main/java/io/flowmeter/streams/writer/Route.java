package io.flowmeter.streams.writer;

import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.RebuiltTables;
import java.util.List;

/** Which topics are written into which tables. */
public enum Route {
  /** Every relation's topic into its table. */
  LIVE("flowmeter-writer", Topics.OF_RELATIONS) {
    @Override
    String topic(Topic<?> topic) {
      return topic.name();
    }

    @Override
    String table(Topic<?> topic) {
      return RebuiltTables.table(topic.relation());
    }
  },

  /** What a rebuild derives, into the tables that will take the place of those in use. */
  REBUILD("flowmeter-writer-rebuild", Topics.OF_RUNS) {
    @Override
    String topic(Topic<?> topic) {
      return topic.scratchName();
    }

    @Override
    String table(Topic<?> topic) {
      return RebuiltTables.scratchTable(topic.relation());
    }
  };

  private final String group;
  private final List<Topic<?>> topics;

  Route(String group, List<Topic<?>> topics) {
    this.group = group;
    this.topics = topics;
  }

  /** The consumer group. */
  public String group() {
    return group;
  }

  /** The relations that are written. */
  List<Topic<?>> topics() {
    return topics;
  }

  /** The name of the topic that is read for a relation's. */
  abstract String topic(Topic<?> topic);

  abstract String table(Topic<?> topic);
}
