/** What reading a long detail costs, beside a Jackson tree. */
package io.flowmeter.bench.parse;
