package io.flowmeter.streams.topology;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;

/** The same with a time that a letter can have, see {@link RecordTime}. */
record TimelyContext(ErrorHandlerContext context) implements ErrorHandlerContext {

  @Override
  public long timestamp() {
    return RecordTime.of(context.timestamp());
  }

  @Override
  public String topic() {
    return context.topic();
  }

  @Override
  public int partition() {
    return context.partition();
  }

  @Override
  public long offset() {
    return context.offset();
  }

  @Override
  public Headers headers() {
    return context.headers();
  }

  @Override
  public String processorNodeId() {
    return context.processorNodeId();
  }

  @Override
  public TaskId taskId() {
    return context.taskId();
  }

  @Override
  public byte[] sourceRawKey() {
    return context.sourceRawKey();
  }

  @Override
  public byte[] sourceRawValue() {
    return context.sourceRawValue();
  }
}
