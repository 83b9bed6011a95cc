/** A production-like Workflows API with a ledger of what truly happened. */
package io.flowmeter.simulator;
