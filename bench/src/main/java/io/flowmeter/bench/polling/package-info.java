/** What a poller makes of its budget on a simulated day, beside a naive one. */
package io.flowmeter.bench.polling;
