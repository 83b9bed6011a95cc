/**
 * From observations to facts: what is known of a run ({@code RunKnowledge}), which facts follow
 * from it ({@code RunDerivation}, {@code StepDerivation}, {@code TransitionDerivation}), and which
 * rows a change makes new ({@code FactRows}).
 */
package io.flowmeter.streams.run;
