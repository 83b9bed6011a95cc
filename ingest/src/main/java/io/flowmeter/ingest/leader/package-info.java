/** Which of several processes polls an account. */
package io.flowmeter.ingest.leader;
