package io.flowmeter.ingest.poll;

/**
 * Pages of lists that were not needed, over all sweeps. So much more than the least number may be
 * read where the counts leave a doubt. Used under the planner's lock.
 */
final class PageAllowance {
  /** Pages that may be read for one that must. */
  private static final double ALLOWED = 1.2;

  private static final double MOST = 200;

  private double pages;

  /** Whether a sweep may read so many pages, where it must read at least {@code bound}. */
  boolean allows(long wanted, long bound) {
    return wanted <= ALLOWED * bound + pages;
  }

  /** A sweep read so many. */
  void took(long read, long bound) {
    pages = Math.min(MOST, pages + ALLOWED * bound - read);
  }

  /** Whether so many are left. */
  boolean has(long wanted) {
    return pages >= wanted;
  }
}
