package io.flowmeter.ingest;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a poller gets on.
 *
 * @param isLeader whether this process polls the account
 * @param inGroup whether Kafka was heard of lately; else another process may lead
 * @param sinceLook since the thread of the lead last turned, in real time
 * @param threads that were started to poll; 0 where this process stands by
 * @param alive those of them that have not ended
 * @param sinceAnswer since the API last told something, or since this process began to lead, in
 *     real time
 * @param silent how long the API still wants to be left alone, as after a 429; zero where it does
 *     not
 * @param lastProblem what the last failure said; it stays after the failure is over
 */
public record PollerLiveness(
    boolean isLeader,
    boolean inGroup,
    Duration sinceLook,
    int threads,
    int alive,
    Duration sinceAnswer,
    Duration silent,
    Optional<String> lastProblem) {}
