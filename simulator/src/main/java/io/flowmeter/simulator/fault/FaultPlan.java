package io.flowmeter.simulator.fault;

import io.flowmeter.simulator.fleet.SeededRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Faults that come by themselves: the n-th request meets the same one whenever the seed and the
 * shares are the same.
 *
 * @param shares the share of requests, 0 to 1, that meet each kind; together at most 1
 * @param skew how far the API's clock goes wrong, in either direction
 */
public record FaultPlan(long seed, Map<Kind, Double> shares, Duration skew) {
  /** Nothing goes wrong by itself. */
  public static final FaultPlan NONE = new FaultPlan(0, Map.of(), Duration.ZERO);

  /** What goes wrong with a request. */
  public enum Kind {
    /** Another tool of the user goes over the rate limit. */
    OTHER_TOOL("429", 0.0005),
    /** A status of 500 to 504. */
    SERVER_ERROR("5xx", 0.01),
    /** The connection is reset. */
    RESET("reset", 0.005),
    /** The body breaks off. */
    TRUNCATED("truncated", 0.005),
    /** The body trickles, over two seconds of real time. */
    SLOW("slow", 0.002),
    /** HTML or plain text in place of JSON. */
    CONTENT_TYPE("content-type", 0.005),
    /** Status 200, {@code success: false}, and a list that shows nothing. */
    EMPTY("empty", 0.003);

    private final String word;
    private final double usualShare;

    Kind(String word, double usualShare) {
      this.word = word;
      this.usualShare = usualShare;
    }

    /** Its name on the command line. */
    public String word() {
      return word;
    }
  }

  /** What a request meets, and of which kind it is. */
  record Met(Kind kind, InjectedFault fault) {}

  /** Checks the shares. */
  public FaultPlan {
    double sum = 0;
    for (Map.Entry<Kind, Double> share : shares.entrySet()) {
      if (!(share.getValue() >= 0 && share.getValue() <= 1)) {
        throw new IllegalArgumentException(
            "expected a share from 0 to 1 of the fault %s, came %s"
                .formatted(share.getKey().word, share.getValue()));
      }
      sum += share.getValue();
    }
    if (sum > 1) {
      throw new IllegalArgumentException(
          "expected shares of faults that together are at most 1, came " + sum);
    }
    EnumMap<Kind, Double> sorted = new EnumMap<>(Kind.class);
    sorted.putAll(shares);
    shares = Collections.unmodifiableMap(sorted);
  }

  /** Faults of these shares, and a right clock. */
  public static FaultPlan of(long seed, Map<Kind, Double> shares) {
    return new FaultPlan(seed, shares, Duration.ZERO);
  }

  /** Some of every kind, and a clock that is wrong by 10 minutes. */
  public static FaultPlan all(long seed) {
    Map<Kind, Double> shares = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      shares.put(kind, kind.usualShare);
    }
    return new FaultPlan(seed, shares, Duration.ofMinutes(10));
  }

  /** The same with a clock that is wrong by so much. */
  public FaultPlan withSkew(Duration wrongBy) {
    return new FaultPlan(seed, shares, wrongBy.abs());
  }

  /**
   * What the request of this number meets.
   *
   * @param request 0 for the first
   */
  Optional<Met> at(long request) {
    SeededRandom random = SeededRandom.of(seed, request, 40);
    double left = random.uniform();
    for (Map.Entry<Kind, Double> share : shares.entrySet()) {
      left -= share.getValue();
      if (left < 0) {
        return Optional.of(new Met(share.getKey(), fault(share.getKey(), random)));
      }
    }
    return Optional.empty();
  }

  private static InjectedFault fault(Kind kind, SeededRandom random) {
    return switch (kind) {
      case OTHER_TOOL -> InjectedFault.otherTool();
      case SERVER_ERROR -> InjectedFault.serverError(random.oneOf(500, 502, 503, 504));
      case RESET -> InjectedFault.reset();
      case TRUNCATED -> InjectedFault.truncatedBody();
      case SLOW -> InjectedFault.slowBody();
      case CONTENT_TYPE -> random.oneOf(InjectedFault.html(), InjectedFault.plainNotFound());
      case EMPTY -> InjectedFault.emptyFailure();
    };
  }

  /**
   * The API's own clock: slow by the skew until some hour of the first half day after the epoch,
   * fast by as much from then on. It never goes back, and all that the API tells agrees with it.
   */
  public InstantSource skewed(InstantSource clock, Instant epoch) {
    if (skew.isZero()) {
      return clock;
    }
    Instant turn = epoch.plusSeconds(SeededRandom.of(seed, 41).between(3_600, 12 * 3_600));
    return () -> {
      Instant right = clock.instant();
      return right.isBefore(turn) ? right.minus(skew) : right.plus(skew);
    };
  }
}
