/** What truly happened, to be compared with what a reader of the API made of it. */
package io.flowmeter.simulator.ledger;
