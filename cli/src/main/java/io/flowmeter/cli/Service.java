package io.flowmeter.cli;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command that runs until it is stopped: its start, its stop and their reasons are events of the
 * log. A stop that is asked for while it starts ends the start; there is nothing to hand over then.
 */
public final class Service {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  private final String command;
  private final StopRequest stop;
  private final Thread starting = Thread.currentThread();
  private final long startNanos = System.nanoTime();
  private volatile long askedNanos;
  private String reason = "by itself";
  private boolean started;

  private Service(String command, StopRequest stop) {
    this.command = command;
    this.stop = stop;
  }

  /** What the command does, from its start until it is stopped. */
  public interface Body {
    /**
     * Returns its exit code.
     *
     * @param service to be told when all runs
     */
    int run(Service service, StopRequest stop) throws Exception;
  }

  /** Runs a command until it is stopped; returns its exit code, 0 where it was asked to stop. */
  public static int run(String command, Body body) throws Exception {
    StopRequest stop = StopRequest.onSignals();
    Service service = new Service(command, stop);
    stop.onRequest(service::stopRequested);
    LOG.atInfo()
        .addKeyValue("event", "starting")
        .addKeyValue("command", command)
        .addKeyValue("version", Version.text())
        .log("{} {} starts as process {}", Version.text(), command, ProcessHandle.current().pid());
    try {
      int code = body.run(service, stop);
      service.stopped();
      return code;
    } catch (Exception e) {
      if (service.wasInterrupted()) {
        service.stopped();
        return 0;
      }
      service.failed(e);
      throw e;
    }
  }

  /** All of it runs; from now on a stop is the body's to see. */
  public synchronized void started() throws InterruptedException {
    if (stop.isRequested()) {
      throw new InterruptedException("a stop was asked for during the start");
    }
    started = true;
    long took = Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
    LOG.atInfo()
        .addKeyValue("event", "started")
        .addKeyValue("command", command)
        .addKeyValue("took_ms", took)
        .log("{} runs, {} ms after its start", command, took);
  }

  /** It stops for another reason than a signal. */
  public synchronized void stopping(String why) {
    reason = why;
    askedNanos = System.nanoTime();
    LOG.atInfo()
        .addKeyValue("event", "stopping")
        .addKeyValue("command", command)
        .addKeyValue("reason", why)
        .log("{} stops: {}", command, why);
  }

  private synchronized void stopRequested(String signal) {
    stopping("SIG" + signal);
    if (!started) {
      starting.interrupt();
    }
  }

  private synchronized boolean wasInterrupted() {
    // Nothing that follows is to be interrupted.
    Thread.interrupted();
    return stop.isRequested() && !started;
  }

  private synchronized void stopped() {
    long took = askedNanos == 0 ? 0 : Duration.ofNanos(System.nanoTime() - askedNanos).toMillis();
    LOG.atInfo()
        .addKeyValue("event", "stopped")
        .addKeyValue("command", command)
        .addKeyValue("reason", reason)
        .addKeyValue("took_ms", took)
        .log("{} stopped within {} ms: {}", command, took, reason);
  }

  private void failed(Exception why) {
    LOG.atError()
        .addKeyValue("event", "failed")
        .addKeyValue("command", command)
        .addKeyValue("reason", why.getMessage())
        .log("{} ends: {}", command, why.toString());
  }
}
