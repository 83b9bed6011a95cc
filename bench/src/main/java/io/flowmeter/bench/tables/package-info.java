/** What the tables take, and how fast they answer. */
package io.flowmeter.bench.tables;
