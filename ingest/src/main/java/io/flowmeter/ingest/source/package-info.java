/**
 * Where instances are seen: the Workflows API, in production and in Cloudflare's local runtime,
 * behind one interface, so that other sources can stand beside it.
 */
package io.flowmeter.ingest.source;
