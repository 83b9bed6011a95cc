/** Which processor reads which topic, keeps which store and tells which relation. */
package io.flowmeter.streams.topology;
