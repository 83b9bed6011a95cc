/**
 * From facts to minutes: what a run puts into which minute ({@code WorkflowMinutes}, {@code
 * StepMinutes}), how rows are added up ({@code RollupAlgebra}), and when sums are told ({@code
 * RollupRows}).
 */
package io.flowmeter.streams.rollup;
