/** Deriving runs anew from the observations that are retained, see {@code docs/rebuild.md}. */
package io.flowmeter.streams.rebuild;
