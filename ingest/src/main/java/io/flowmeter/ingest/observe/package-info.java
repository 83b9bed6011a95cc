/**
 * What is new in what was seen: which life of an instance it speaks of, what of it was not told
 * yet, and how it is told. Functions of their inputs only.
 */
package io.flowmeter.ingest.observe;
