/**
 * What is due: the runs that the simulator's ledger says were served, as far as answers told of
 * them.
 */
package io.flowmeter.verify.required;
