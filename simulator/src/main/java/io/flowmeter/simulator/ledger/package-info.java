/**
 * What truly happened, and what the API showed of it: to be compared with what a reader of the API
 * made of it. Knows nothing of how the API finds and writes its answers.
 */
package io.flowmeter.simulator.ledger;
