/**
 * Holds the relations against the ledger of a simulator: of what truly happened, and of what was
 * served.
 */
package io.flowmeter.verify;
