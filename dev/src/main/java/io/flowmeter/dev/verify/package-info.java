/** {@code flowmeter verify}: the whole pipeline on a simulated day, held against the ledger. */
package io.flowmeter.dev.verify;
