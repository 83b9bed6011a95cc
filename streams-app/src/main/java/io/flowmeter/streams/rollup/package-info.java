/**
 * Rollups: what a run contributes to each minute ({@code WorkflowMinutes}, {@code StepMinutes}),
 * how rows are added ({@code RollupAlgebra}), and when sums are published ({@code RollupRows}).
 */
package io.flowmeter.streams.rollup;
